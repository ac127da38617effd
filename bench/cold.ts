/**
 * A cold start: a controller on a Redis that holds a region already. From the start of the process
 * to the first answer of the API, and what it occupies then.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { binding, host, network, port, subnet } from '../lab/records.ts';
import { nullLogger as log } from '../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../src/lib/system.ts';
import { EmbeddedRedis, Store } from '../src/store/index.ts';
import { type AnyRecord, type RecordKey, recordKey } from '../src/topology/index.ts';
import type { Bench } from './report.ts';
import { ControllerProcess, temporaryFolder } from './rig.ts';

const PORTS = 100_000;
const PORTS_PER_NETWORK = 100;
const HOSTS = 500;
const PER_COMMIT = 1_000;

export const cold: Bench = {
  name: 'cold',
  async run(note) {
    const dir = await temporaryFolder();
    note(`filling a Redis with ${PORTS} ports`);
    await fill(dir);
    note('starting a controller on it');
    const start = performance.now();
    const controller = await ControllerProcess.start({ dir });
    const readyMs = performance.now() - start;
    const bytes = await residentBytes(controller.pid);
    await controller.stop();
    return [
      {
        name: `${PORTS} ports: process start → API answers`,
        value: readyMs,
        unit: 'ms',
        goal: 'at most 5,000',
      },
      {
        name: `${PORTS} ports: resident memory`,
        value: bytes / 2 ** 20,
        unit: 'MiB',
        goal: 'at most 400',
      },
    ];
  },
};

export async function fill(dataDir: string): Promise<void> {
  const redis = await EmbeddedRedis.start({ dataDir, clock, log });
  const store = await Store.open({ redis: redis.address, region: 'default', clock, random, log });
  await store.subscribe({ snapshot: () => {}, change: () => {} });
  let put = new Map<RecordKey, AnyRecord>();
  for (const [key, value] of records()) {
    put.set(key, value);
    if (put.size < PER_COMMIT) continue;
    await store.commit({ put });
    put = new Map();
  }
  await store.commit({ put });
  await store.close();
  await redis.stop();
}

function* records(): Iterable<[RecordKey, AnyRecord]> {
  for (let h = 0; h < HOSTS; h++) {
    const id = `host-${h}`;
    yield [recordKey('host', id), host(id, `198.18.${h >> 8}.${h & 0xff}`)];
  }
  for (let p = 0; p < PORTS; p++) {
    const n = Math.floor(p / PORTS_PER_NETWORK);
    const networkId = uuid(1, n);
    if (p % PORTS_PER_NETWORK === 0) {
      yield [recordKey('network', networkId), network(networkId, n + 1)];
      yield [recordKey('subnet', uuid(2, n)), subnet(uuid(2, n), networkId)];
    }
    const id = uuid(3, p);
    const [high, low] = [(p >> 8) & 0xff, p & 0xff].map((byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    const at = {
      network: networkId,
      mac: `fa:16:3e:${((p >> 16) & 0xff).toString(16).padStart(2, '0')}:${high}:${low}`,
      ips: [`10.0.0.${(p % PORTS_PER_NETWORK) + 2}`],
    };
    yield [recordKey('port', id), port(id, at)];
    yield [recordKey('binding', id), binding(id, `host-${p % HOSTS}`, 1 + Math.floor(p / HOSTS))];
  }
}

function uuid(kind: number, n: number): string {
  return `0000000${kind}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(join('/proc', String(pid), 'status'), 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
