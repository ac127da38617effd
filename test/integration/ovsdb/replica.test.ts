/**
 * Goal: a replica holds what the database holds, whichever monitor the server knows, and goes on
 * after a lost connection.
 * Method: random transactions (the seed is printed) on a real ovsdb-server with a replica each by
 * update, update2 and update3; after every one, all are compared with `ovs-vsctl`'s dump.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exec } from '../../../lab/exec.ts';
import type { Ovs } from '../../../lab/ovs.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import { type Datum, decodeDatum } from '../../../src/ovsdb/datum/index.ts';
import {
  dialOvsdb,
  namedUuid,
  OPEN_VSWITCH,
  type Operation,
  type OvsdbClient,
  vswitch,
} from '../../../src/ovsdb/index.ts';
import { columnOf, tableOf } from '../../../src/ovsdb/row.ts';
import { OldServer } from '../../support/ovsdb-old-server.ts';
import { OvsdbServer } from '../../support/ovsdb-server.ts';
import { startSandbox } from '../../support/sandbox.ts';

const SEED = Number(process.env['HEDDLE_SEED'] ?? Date.now() % 2 ** 31);
const ROUNDS = 60;
const SPEC = {
  Bridge: { columns: ['name', 'fail_mode', 'flood_vlans', 'external_ids', 'stp_enable', 'ports'] },
  Port: { columns: ['name', 'tag', 'trunks', 'interfaces'] },
  QoS: { columns: ['type', 'other_config', 'queues'] },
  Queue: { columns: ['dscp'] },
} as const;
type Table = keyof typeof SPEC;
const TABLES = Object.keys(SPEC) as readonly Table[];

function dial(target: string): Promise<OvsdbClient> {
  return dialOvsdb({ target, clock: systemClock, log: nullLogger });
}

function startReplica(client: OvsdbClient) {
  return client.monitor(OPEN_VSWITCH, SPEC);
}

type TestReplica = Awaited<ReturnType<typeof startReplica>>;

/** All tables as `ovs-vsctl` sees them: its JSON has the notation of the wire. */
async function dump(ovs: Ovs): Promise<ReadonlyMap<Table, ReadonlyMap<string, unknown>>> {
  const commands = TABLES.flatMap((table) => {
    const columns = ['_uuid', ...SPEC[table].columns].join();
    return ['--', `--columns=${columns}`, 'list', table];
  });
  const text = await ovs.vsctl('--no-wait', '-f', 'json', ...commands);
  const lists = text.split('\n').filter((line) => line !== '');
  return new Map(TABLES.map((table, at) => [table, decodeList(table, lists[at] ?? '')]));
}

function decodeList(table: Table, text: string): ReadonlyMap<string, unknown> {
  const { headings, data } = JSON.parse(text) as { headings: string[]; data: unknown[][] };
  const encoding = tableOf(OPEN_VSWITCH.schema, table);
  const rows = data.map((values): Record<string, Datum> => {
    const columns = headings.map((name, at) => {
      return [name, decodeDatum(columnOf(encoding, name).type, values[at])] as const;
    });
    return Object.fromEntries(columns);
  });
  return new Map(rows.map((row) => [row['_uuid'] as string, row]));
}

function contents(replica: TestReplica): ReadonlyMap<Table, ReadonlyMap<string, unknown>> {
  return new Map(TABLES.map((table) => [table, replica.rows(table)]));
}

/** Random transactions, drawn by a small generator from the seed. */
class Chaos {
  #state: number;
  #names = 0;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  transaction(): Operation[] {
    return Array.from({ length: 1 + this.#pick(3) }, () => this.#operations()).flat();
  }

  #operations(): Operation[] {
    switch (this.#pick(8)) {
      case 0:
      case 1:
        return this.#addBridge();
      case 2:
        return [vswitch.insert('QoS', { type: this.#word(), other_config: this.#map() })];
      case 3:
        return this.#addQueue();
      case 4:
        return [
          vswitch.update('Bridge', this.#someBridges(), {
            fail_mode: [undefined, 'secure', 'standalone'][this.#pick(3)] as 'secure' | undefined,
            flood_vlans: this.#numbers(),
            stp_enable: this.#pick(2) === 0,
          }),
        ];
      case 5:
        return [
          vswitch.mutate('Bridge', this.#someBridges(), [
            ['external_ids', 'delete', ['a', 'b']],
            ['external_ids', 'insert', this.#map()],
            ['flood_vlans', this.#pick(2) === 0 ? 'insert' : 'delete', this.#numbers()],
          ]),
        ];
      case 6:
        return [vswitch.update('Port', [], { tag: this.#pick(9), trunks: this.#numbers() })];
      default:
        return [vswitch.delete('QoS', [['type', '==', this.#word()]])];
    }
  }

  #addBridge(): Operation[] {
    const name = `br${++this.#names}`;
    const [i, p, b] = [`i${this.#names}`, `p${this.#names}`, `b${this.#names}`];
    return [
      vswitch.insert('Interface', { name }, { uuidName: i }),
      vswitch.insert('Port', { name, interfaces: [namedUuid(i)] }, { uuidName: p }),
      vswitch.insert('Bridge', { name, ports: [namedUuid(p)] }, { uuidName: b }),
      vswitch.mutate('Open_vSwitch', [], [['bridges', 'insert', [namedUuid(b)]]]),
    ];
  }

  #addQueue(): Operation[] {
    const name = `q${++this.#names}`;
    const queues = new Map([[this.#pick(3), namedUuid(name)]]);
    return [
      vswitch.insert('Queue', { dscp: this.#pick(64) }, { uuidName: name }),
      vswitch.mutate('QoS', [['type', '==', this.#word()]], [['queues', 'insert', queues]]),
    ];
  }

  #someBridges() {
    return [['flood_vlans', 'excludes', [this.#pick(5)]]] as const;
  }

  #word(): string {
    return ['a', 'b', 'c', 'é𝄞'][this.#pick(4)] ?? '';
  }

  #map(): Map<string, string> {
    return new Map(this.#numbers().map((number) => [this.#word(), String(number)]));
  }

  #numbers(): number[] {
    return [...new Set(Array.from({ length: this.#pick(4) }, () => this.#pick(6)))];
  }

  #pick(exclusiveMax: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % exclusiveMax;
  }
}

describe(`with the seed ${SEED}`, () => {
  let ovs: Ovs;
  let writer: OvsdbClient;
  const olds: OldServer[] = [];
  const clients: OvsdbClient[] = [];
  const replicas = new Map<string, TestReplica>();

  async function startOld(name: string, unknown: readonly string[]): Promise<string> {
    const old = new OldServer(ovs.ovsdbSocket, unknown);
    olds.push(old);
    const path = join(ovs.dir, `${name}.sock`);
    await old.listen(path);
    return `unix:${path}`;
  }

  async function startClient(update: string, target: string): Promise<void> {
    const client = await dial(target);
    clients.push(client);
    replicas.set(update, await startReplica(client));
  }

  beforeAll(async () => {
    ovs = await startSandbox();
    await ovs.stopDaemon('ovs-vswitchd');
    writer = await dial(`unix:${ovs.ovsdbSocket}`);
    clients.push(writer);
    await startClient('update3', `unix:${ovs.ovsdbSocket}`);
    await startClient('update2', await startOld('old', ['monitor_cond_since']));
    const oldest = ['monitor_cond_since', 'monitor_cond'];
    await startClient('update', await startOld('oldest', oldest));
  });

  afterAll(async () => {
    for (const client of clients) client.close('done');
    for (const old of olds) await old.close();
    await ovs.stop();
  });

  test('replicas by update, update2 and update3 equal the dump after every transaction', async () => {
    const chaos = new Chaos(SEED);
    for (let round = 0; round < ROUNDS; round++) {
      await writer.transact(OPEN_VSWITCH, chaos.transaction());
      // Updates come before the reply to whatever is asked after them.
      await Promise.all(clients.map((client) => client.echo()));
      const wanted = await dump(ovs);
      for (const [update, replica] of replicas) {
        expect(contents(replica), `by ${update}, round ${round}`).toEqual(wanted);
      }
    }
    expect(replicas.get('update')?.rows('Bridge').size).toBeGreaterThan(5);
    expect(olds.map(({ asked }) => asked.slice(0, 3))).toEqual([
      ['monitor_cond_since', 'monitor_cond', 'echo'],
      ['monitor_cond_since', 'monitor_cond', 'monitor'],
    ]);
  });

  test('a real server without monitor_cond is asked by monitor', async () => {
    const control = join(ovs.dir, 'ovsdb-server.ctl');
    const client = await dial(`unix:${ovs.ovsdbSocket}`);
    const dropped = new Promise((resolve) => client.onClose(resolve));
    await exec(['ovs-appctl', '-t', control, 'ovsdb-server/disable-monitor-cond']);
    await dropped;
    const again = await dial(`unix:${ovs.ovsdbSocket}`);
    const replica = await startReplica(again);
    await again.transact(OPEN_VSWITCH, [vswitch.insert('Queue', { dscp: 63 })]);
    await again.echo();
    expect(contents(replica)).toEqual(await dump(ovs));
    again.close('done');
  });
});

describe('after a lost connection', () => {
  const insert = (dscp: number) => vswitch.insert('Queue', { dscp });

  async function interrupted(target: string) {
    const [writer, reader] = [await dial(target), await dial(target)];
    await writer.transact(OPEN_VSWITCH, [insert(1), insert(2)]);
    const replica = await startReplica(reader);
    const told: unknown[] = [];
    replica.onUpdate((changes) => told.push(...changes));
    reader.close('lost');
    await writer.transact(OPEN_VSWITCH, [
      vswitch.delete('Queue', [['dscp', '==', 1]]),
      vswitch.update('Queue', [['dscp', '==', 2]], { dscp: 3 }),
      insert(4),
    ]);
    const since = replica.lastTransactionId;
    const next = await dial(target);
    await next.resume(replica);
    const dscps = new Set([...replica.rows('Queue').values()].map(({ dscp }) => dscp));
    await writer.transact(OPEN_VSWITCH, [insert(5)]);
    await next.echo();
    const size = replica.rows('Queue').size;
    for (const client of [writer, next]) client.close('done');
    return { told, dscps, size, since, now: replica.lastTransactionId };
  }

  const CHANGES = [
    { table: 'Queue', before: { dscp: 1 } },
    { table: 'Queue', before: { dscp: 2 }, after: { dscp: 3 } },
    { table: 'Queue', after: { dscp: 4 } },
    { table: 'Queue', after: { dscp: 5 } },
  ];

  function sorted(told: readonly unknown[]): unknown[] {
    const key = (change: unknown) => {
      const { before, after } = change as Record<string, { dscp: number } | undefined>;
      return (after ?? before)?.dscp ?? 0;
    };
    return [...told].sort((a, b) => key(a) - key(b));
  }

  test('a cluster tells what happened since the last transaction', async () => {
    const server = await OvsdbServer.startCluster();
    const { told, dscps, size, since, now } = await interrupted(server.target);
    await server.stop();
    expect(sorted(told)).toMatchObject(CHANGES);
    expect([dscps, size]).toEqual([new Set([3, 4]), 3]);
    expect(since).toBeDefined();
    expect(now).not.toBe(since);
  });

  test('a single server tells all it has, of which we tell what changed', async () => {
    const ovs = await startSandbox();
    const { told, dscps, size, since } = await interrupted(`unix:${ovs.ovsdbSocket}`);
    await ovs.stop();
    expect(sorted(told)).toMatchObject(CHANGES);
    expect([dscps, size]).toEqual([new Set([3, 4]), 3]);
    expect(since).toBeUndefined();
  });
});
