/**
 * From POST to ACTIVE on a host that has 0, 100 and 1,000 other ports, beside what the switch
 * itself needs (floor.ts): to take the same interface and the very same bundle. Then, among all of
 * them, how long an answer to `GET /v1/trace` takes.
 */
import { until } from '../lab/exec.ts';
import type { Rest } from '../lab/rest.ts';
import { Watch } from '../lab/watch.ts';
import { createNetwork } from './api.ts';
import { Floor } from './floor.ts';
import { type Plugger, plugger } from './plugger.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { ControllerProcess, startSwitch } from './rig.ts';

const OTHERS = [0, 100, 1_000] as const;
const WARM_UP = 20;
const SAMPLES = 40;
const TRACES = 200;
/** Ports of one network: a host takes no more than some 500 of one (docs/pipeline.md). */
const BATCH = 100;

export const port: Bench = {
  name: 'port',
  async run(note) {
    const controller = await ControllerProcess.start();
    const managed = await startSwitch('bench-managed');
    await managed.vsctl('set', 'Open_vSwitch', '.', 'external_ids:heddle-encap-ip=198.18.0.1');
    await managed.vsctl('set-manager', controller.manager);
    await managed.bridgeReady('br-int');
    await waitRealized(controller.rest);
    const network = await createNetwork(controller.rest);
    const watch = await Watch.open(controller.apiSocket);
    const ours: Ours = { api: controller.rest, watch, network, plugger: await plugger(managed) };
    const floor = await Floor.start();

    const figures: Figure[] = [];
    let others = 0;
    for (const wanted of OTHERS) {
      note(`${wanted} other ports, ${SAMPLES} samples after ${WARM_UP} to warm up`);
      await addPorts(ours, wanted - others);
      await floor.addPorts(wanted - others);
      const samples: Sample[] = [];
      for (let round = -WARM_UP; round < SAMPLES; round++) {
        const sample = { ...(await measurePort(ours)), floorMs: await floor.measure() };
        if (round >= 0) samples.push(sample);
      }
      others = wanted + WARM_UP + SAMPLES;
      figures.push(...summarise(wanted, samples));
    }
    note(`why packets pass or not between ${others} ports`);
    figures.push(...(await measureTraces(ours)));
    watch.close();
    ours.plugger.client.close('done');
    await floor.stop();
    await controller.stop();
    await managed.stop();
    return figures;
  },
};

/** What a person waits for who asks first, and who goes on asking. */
async function measureTraces({ api }: Ours): Promise<Figure[]> {
  const { ports } = await api.get<{ ports: { id: string; network_id: string }[] }>('/v2.0/ports');
  const times: number[] = [];
  for (const [index, { id: from, network_id }] of ports.entries()) {
    const to = ports[index + 1];
    if (to?.network_id !== network_id) continue;
    const query = new URLSearchParams({ from, to: to.id, protocol: 'tcp', port: '80' });
    const start = performance.now();
    await api.get(`/v1/trace?${query.toString()}`);
    times.push(performance.now() - start);
    if (times.length === TRACES) break;
  }
  const figure = (name: string, value: number): Figure => ({
    name: `trace, ${name}`,
    value,
    unit: 'ms',
    goal: 'at most 100',
  });
  const later = times.slice(1);
  return [
    figure('the first', times[0] ?? Number.NaN),
    figure('the others, p50', quantile(later, 0.5)),
    figure('the others, p99', quantile(later, 0.99)),
  ];
}

interface Sample {
  readonly postMs: number;
  /** From the interface's transaction to ACTIVE. */
  readonly activeMs: number;
  readonly floorMs: number;
}

function summarise(others: number, samples: readonly Sample[]): Figure[] {
  const at = (pick: (sample: Sample) => number, share: number): number =>
    quantile(samples.map(pick), share);
  const with_ = `with ${others} other ports`;
  const extra = at((s) => s.activeMs, 0.5) - at((s) => s.floorMs, 0.5);
  return [
    { name: `POST, ${with_}, p50`, value: at((s) => s.postMs, 0.5), unit: 'ms' },
    { name: `plugged → ACTIVE, ${with_}, p50`, value: at((s) => s.activeMs, 0.5), unit: 'ms' },
    { name: `plugged → ACTIVE, ${with_}, p95`, value: at((s) => s.activeMs, 0.95), unit: 'ms' },
    {
      name: `POST + plugged → ACTIVE, ${with_}, p50`,
      value: at((s) => s.postMs + s.activeMs, 0.5),
      unit: 'ms',
    },
    {
      name: `POST + plugged → ACTIVE, ${with_}, p95`,
      value: at((s) => s.postMs + s.activeMs, 0.95),
      unit: 'ms',
    },
    { name: `the switch itself, ${with_}, p50`, value: at((s) => s.floorMs, 0.5), unit: 'ms' },
    {
      name: `more than the switch itself, ${with_}, p50`,
      value: extra,
      unit: 'ms',
      goal: 'at most 5',
    },
  ];
}

interface Ours {
  readonly api: Rest;
  readonly watch: Watch;
  readonly network: string;
  readonly plugger: Plugger;
}

async function addPorts({ api, watch, plugger: host }: Ours, count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const network_id = await createNetwork(api);
    const size = Math.min(BATCH, count - done);
    const bodies = Array.from({ length: size }, () => ({ network_id }));
    const { ports } = await api.post<{ ports: { id: string }[] }>('/v2.0/ports', { ports: bodies });
    await host.plug(ports.map(({ id }) => ({ name: deviceOf(id), ifaceId: id })));
    for (const { id } of ports) await watch.active(id);
  }
}

async function measurePort({
  api,
  watch,
  network,
  plugger: host,
}: Ours): Promise<Pick<Sample, 'postMs' | 'activeMs'>> {
  const start = performance.now();
  const { port: created } = await api.post<{ port: { id: string } }>('/v2.0/ports', {
    port: { network_id: network },
  });
  const posted = performance.now();
  await host.plug([{ name: deviceOf(created.id), ifaceId: created.id }]);
  await watch.active(created.id);
  return { postMs: posted - start, activeMs: performance.now() - posted };
}

async function waitRealized(api: Rest): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const { hosts } = await api.get<{ hosts: { state: string }[] }>('/v1/hosts');
    return hosts.length === 1 && hosts[0]?.state === 'ready';
  };
  await until(ready, 'the sandbox host to be ready', 30_000);
}

function deviceOf(portId: string): string {
  return `tap${portId.slice(0, 11)}`;
}
