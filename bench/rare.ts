/**
 * What a write costs that comes twice a second, alone or two at once: when the process is new, and
 * when it has answered thousands. A bare program that only has them on disk, beside a controller
 * without hosts: no change can be on a switch sooner.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createNetwork } from './api.ts';
import { BareProgram } from './bare-program.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { ControllerProcess } from './rig.ts';

const SAMPLES = 40;
const EVERY_MS = 500;
const WARM_UP = 5_000;
const AT_ONCE = [1, 2] as const;

type Call = () => Promise<unknown>;

export const rare: Bench = {
  name: 'rare',
  async run(note) {
    const bare = await BareProgram.start();
    const controller = await ControllerProcess.start();
    const network = await createNetwork(controller.rest);
    const calls: readonly [string, Call][] = [
      ['bare program', () => bare.post()],
      [
        'POST of a port',
        () => controller.rest.post('/v2.0/ports', { port: { network_id: network } }),
      ],
    ];
    const figures: Figure[] = [];
    for (const [what, call] of calls) {
      note(`${what}, twice a second, before and after ${WARM_UP} of them`);
      figures.push(...(await measure(`${what}, new`, call)));
      for (let done = 0; done < WARM_UP; done += 1) await call();
      figures.push(...(await measure(`${what}, warm`, call)));
    }
    await controller.stop();
    await bare.stop();
    return figures;
  },
};

async function measure(name: string, call: Call): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of AT_ONCE) {
    const samples: number[] = [];
    for (let i = 0; i < SAMPLES; i += 1) {
      await pause(EVERY_MS);
      const begin = performance.now();
      await Promise.all(Array.from({ length: count }, call));
      samples.push(performance.now() - begin);
    }
    const value = quantile(samples, 0.5);
    figures.push({ name: `${name}, ${count} at once, p50`, value, unit: 'ms' });
  }
  return figures;
}
