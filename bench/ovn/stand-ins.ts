/**
 * Hosts that exist as records alone, with the ports that they hold: what a region of many hosts
 * weighs on those that are there. Hosts write no such records through the API, so that these go
 * into the controller's Redis, as its own do.
 */
import { join } from 'node:path';
import { binding, host } from '../../lab/records.ts';
import { nullLogger as log } from '../../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../../src/lib/system.ts';
import { Store } from '../../src/store/index.ts';
import { type AnyRecord, type RecordKey, recordKey } from '../../src/topology/index.ts';

export interface PlacedPort {
  readonly id: string;
  readonly host: string;
}

const PER_COMMIT = 1_000;
const FIRST_OFPORT = 1;

export async function placeOnStandIns(
  dataDir: string,
  hosts: readonly string[],
  ports: readonly PlacedPort[],
): Promise<void> {
  const redis = { path: join(dataDir, 'redis.sock') };
  const store = await Store.open({ redis, region: 'default', clock, random, log });
  await store.subscribe({ snapshot: () => {}, change: () => {} });
  const records = [...recordsOf(hosts, ports)];
  for (let at = 0; at < records.length; at += PER_COMMIT) {
    await store.commit({ put: new Map(records.slice(at, at + PER_COMMIT)) });
  }
  await store.close();
}

function* recordsOf(
  hosts: readonly string[],
  ports: readonly PlacedPort[],
): Iterable<[RecordKey, AnyRecord]> {
  for (const [index, id] of hosts.entries()) {
    yield [recordKey('host', id), host(id, `198.18.${index >> 8}.${index & 0xff}`)];
  }
  const taken = new Map<string, number>();
  for (const port of ports) {
    const ofport = taken.get(port.host) ?? FIRST_OFPORT;
    taken.set(port.host, ofport + 1);
    yield [recordKey('binding', port.id), binding(port.id, port.host, ofport)];
  }
}
