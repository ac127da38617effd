/** REST POST /v2.0/ports: one controller process, its private Redis with `appendfsync always`. */
import type { Rest } from '../lab/rest.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { ControllerProcess } from './rig.ts';

const REQUESTS = 2_000;
const CONCURRENCY = [1, 8, 32] as const;

export const rest: Bench = {
  name: 'rest',
  async run(note) {
    const controller = await ControllerProcess.start();
    const network = await createNetwork(controller.rest);
    const create = async (): Promise<void> => {
      await controller.rest.post('/v2.0/ports', { port: { network_id: network } });
    };
    await many(create, 200, 8);
    const figures: Figure[] = [];
    for (const concurrency of CONCURRENCY) {
      note(`${REQUESTS} requests, ${concurrency} at a time`);
      const { perSecond, samples } = await many(create, REQUESTS, concurrency);
      const at = `${concurrency} at a time`;
      figures.push(
        { name: `POST ports, ${at}`, value: perSecond, unit: '/s', goal: 'at least 1,000' },
        { name: `POST ports, ${at}, p50`, value: quantile(samples, 0.5), unit: 'ms' },
        { name: `POST ports, ${at}, p99`, value: quantile(samples, 0.99), unit: 'ms' },
      );
    }
    await controller.stop();
    return figures;
  },
};

/** A network with a /16 to take addresses from; its id. */
export async function createNetwork(api: Rest): Promise<string> {
  const { network } = await api.post<{ network: { id: string } }>('/v2.0/networks', {
    network: { name: 'bench' },
  });
  await api.post('/v2.0/subnets', {
    subnet: { network_id: network.id, ip_version: 4, cidr: '10.64.0.0/16' },
  });
  return network.id;
}

async function many(
  call: () => Promise<void>,
  count: number,
  concurrency: number,
): Promise<{ perSecond: number; samples: number[] }> {
  const samples: number[] = [];
  const start = performance.now();
  const worker = async (): Promise<void> => {
    while (samples.length < count) {
      const begin = performance.now();
      const slot = samples.push(0) - 1;
      await call();
      samples[slot] = performance.now() - begin;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { perSecond: (count * 1_000) / (performance.now() - start), samples };
}
