/**
 * Goal: what we send means to a real ovsdb-server what it means to us, and each refusal that it can
 * be brought to arrives as its class.
 * Method: transactions on a sandbox; for the errors, operations that no builder of ours would make.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ovs } from '../../../lab/ovs.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemClock } from '../../../src/lib/system.ts';
import * as ovsdb from '../../../src/ovsdb/index.ts';
import type { JsonObject } from '../../../src/ovsdb/json.ts';
import { DEFAULT_LIMITS } from '../../../src/ovsdb/limits.ts';
import { parseSchema } from '../../../src/ovsdb/schema.ts';
import { Peer } from '../../../src/ovsdb/wire/peer.ts';
import { BUILT } from '../../support/ovsdb-operations.ts';
import { startSandbox } from '../../support/sandbox.ts';

const { namedUuid, OPEN_VSWITCH, vswitch } = ovsdb;
const UUID = '550e8400-e29b-41d4-a716-446655440000';

let ovs: Ovs;
let client: ovsdb.OvsdbClient;

beforeAll(async () => {
  ovs = await startSandbox();
  await ovs.stopDaemon('ovs-vswitchd');
  const target = `unix:${ovs.ovsdbSocket}`;
  client = await ovsdb.dialOvsdb({ target, clock: systemClock, log: nullLogger });
});

afterAll(async () => {
  client.close('done');
  await ovs.stop();
});

function addBridge(name: string, columns: object = {}) {
  return [
    vswitch.insert('Interface', { name, type: 'internal' }, { uuidName: 'i' }),
    vswitch.insert('Port', { name, interfaces: [namedUuid('i')] }, { uuidName: 'p' }),
    vswitch.insert('Bridge', { name, ports: [namedUuid('p')], ...columns }, { uuidName: 'b' }),
    vswitch.mutate('Open_vSwitch', [], [['bridges', 'insert', [namedUuid('b')]]]),
  ] as const;
}

describe('a transaction', () => {
  test('adds a bridge by named UUIDs and gives their real ones', async () => {
    const [, port, bridge, count] = await client.transact(OPEN_VSWITCH, addBridge('br-a'));
    expect(count).toBe(1);
    expect((await ovs.vsctl('get', 'Bridge', 'br-a', '_uuid', 'ports')).trim().split('\n')).toEqual(
      [bridge, `[${port}]`],
    );
  });

  test('writes and reads back columns of every kind', async () => {
    const columns = {
      fail_mode: 'secure',
      flood_vlans: [3, 1],
      protocols: ['OpenFlow15'],
      external_ids: new Map([['a', 'b']]),
    };
    await client.transact(OPEN_VSWITCH, addBridge('br-b', columns));
    const [rows] = await client.transact(OPEN_VSWITCH, [
      vswitch.select(
        'Bridge',
        [['name', '==', 'br-b']],
        ['fail_mode', 'flood_vlans', 'protocols', 'external_ids', 'netflow', 'stp_enable'],
      ),
    ]);
    expect(rows).toEqual([
      { ...columns, flood_vlans: [1, 3], netflow: undefined, stp_enable: false },
    ]);
  });

  test('updates, mutates and deletes the rows that meet its conditions, and counts them', async () => {
    const counts = await client.transact(OPEN_VSWITCH, [
      vswitch.insert('QoS', { type: 'x', other_config: new Map([['k', 'v']]) }),
      vswitch.insert('QoS', { type: 'y' }),
      vswitch.update('QoS', [['type', '==', 'x']], { external_ids: new Map([['e', '1']]) }),
      vswitch.mutate('QoS', [['type', '!=', 'z']], [['other_config', 'delete', ['k']]]),
      vswitch.select(
        'QoS',
        [['external_ids', 'includes', new Map([['e', '1']])]],
        ['other_config'],
      ),
      vswitch.delete('QoS', []),
    ]);
    expect(counts.slice(2)).toEqual([1, 2, [{ other_config: new Map() }], 2]);
  });

  test('with a wait is done only when the rows are as it says', async () => {
    const wait = (name: string) =>
      vswitch.wait('Open_vSwitch', {
        where: [],
        columns: ['external_ids'],
        until: '==',
        rows: [{ external_ids: new Map([['system-id', name]]) }],
        timeoutMs: 0,
      });
    const insert = vswitch.insert('QoS', { type: 'fenced' });
    const refused = client.transact(OPEN_VSWITCH, [wait('another'), insert]);
    await expect(refused).rejects.toMatchObject({ name: 'TimedOutError', index: 0 });
    await client.transact(OPEN_VSWITCH, [wait('sandbox'), insert]);
    const [count] = await client.transact(OPEN_VSWITCH, [
      vswitch.delete('QoS', [['type', '==', 'fenced']]),
    ]);
    expect(count).toBe(1);
  });

  test('of no operations succeeds', async () => {
    expect(await client.transact(OPEN_VSWITCH, [])).toEqual([]);
  });

  test.each(Object.entries(BUILT))(
    'may have the operation of the vector: %s',
    async (_name, op) => {
      // What refuses it may be the state of the database, never the way in which it is written.
      const error: unknown = await client.transact(OPEN_VSWITCH, [op]).catch((e: unknown) => e);
      expect(error).not.toBeInstanceOf(ovsdb.SyntaxViolationError);
      expect(error).not.toBeInstanceOf(ovsdb.ConnectionError);
      expect(error).not.toBeInstanceOf(ovsdb.UnknownColumnError);
    },
  );
});

const raw = (wire: JsonObject): ovsdb.Operation => ({ wire, decode: () => undefined });
const queue = (uuid: JsonObject) => raw({ op: 'insert', table: 'Queue', row: {}, ...uuid });
const mutate = (mutations: JsonObject['x']) =>
  raw({ op: 'mutate', table: 'Open_vSwitch', where: [], mutations: mutations ?? null });

describe('a refusal', () => {
  const cases: [string, keyof typeof ovsdb, readonly ovsdb.Operation[], number][] = [
    ['two rows of one name', 'DuplicateUuidNameError', [queue({ 'uuid-name': 'q' }), queue({ 'uuid-name': 'q' })], 1],
    ['two rows of one UUID', 'DuplicateUuidError', [queue({ uuid: UUID }), queue({ uuid: UUID })], 1],
    ['a value outside an enum', 'ConstraintViolationError', addBridge('br-x', { fail_mode: 'open' }), 2],
    ['two bridges of one name', 'ConstraintViolationError', [...addBridge('br-a')], 4],
    ['a reference to nothing', 'ReferentialIntegrityError', [vswitch.insert('QoS', { queues: new Map([[0, UUID]]) })], 1],
    ['a division by zero', 'DomainError', [vswitch.mutate('Open_vSwitch', [], [['next_cfg', '/=', 0]])], 0],
    ['a number that is too large', 'RangeViolationError', [vswitch.mutate('Open_vSwitch', [], [['next_cfg', '+=', 2 ** 52], ['next_cfg', '*=', 2 ** 52]])], 0],
    ['an abort', 'AbortedError', [ovsdb.comment('x'), ovsdb.abort(), ovsdb.comment('y')], 1],
    ['a lock that we do not hold', 'NotOwnerError', [ovsdb.assertLock('l')], 0],
    ['a column that is not there', 'UnknownColumnError', [raw({ op: 'update', table: 'Bridge', where: [], row: { x: 1 } })], 0],
    ['a function that is not there', 'UnknownFunctionError', [raw({ op: 'delete', table: 'Bridge', where: [['name', '~', 'x']] })], 0],
    ['a mutator that is not there', 'UnknownMutatorError', [mutate([['next_cfg', '^=', 1]])], 0],
    ['an operation that is not there', 'SyntaxViolationError', [raw({ op: 'upsert' })], 0],
    ['a member that is not there', 'SyntaxViolationError', [queue({ uuid_name: 'q' })], 0],
  ]; // biome-ignore format: a table

  test.each(cases)('for %s is a %s', async (_what, name, operations, index) => {
    const refused = client.transact(OPEN_VSWITCH, operations);
    const operation = operations[index]?.wire;
    await expect(refused).rejects.toMatchObject({ name, index, operation });
  });

  test('for a table that is not there is an SyntaxViolationError', async () => {
    const column = { type: 'string' };
    const tables = { Nothing: { columns: { c: column } } };
    const schema = parseSchema({ name: 'Open_vSwitch', version: '', tables });
    const monitor = client.monitor<
      { Nothing: { row: { c: string }; columns: { c?: string } } },
      never
    >({ schema }, { Nothing: { columns: ['c'] } } as never);
    await expect(monitor).rejects.toThrow(ovsdb.SyntaxViolationError);
  });

  test('for a database that is not there is an UnknownDatabaseError', async () => {
    await expect(client.getSchema('Nothing')).rejects.toThrow(ovsdb.UnknownDatabaseError);
  });

  test('for a database that is not ours to write is a NotAllowedError', async () => {
    const schema = await client.getSchema('_Server');
    const insert = raw({ op: 'delete', table: 'Database', where: [] });
    await expect(client.transact({ schema }, [insert])).rejects.toThrow(ovsdb.NotAllowedError);
  });

  test.each([
    ['monitor_cancel', [77], ovsdb.UnknownMonitorError],
    ['monitor_cancel', [], ovsdb.InvalidParametersError],
    ['shutdown', [], ovsdb.UnknownMethodError],
    ['lock', ['not an id'], ovsdb.SyntaxViolationError],
  ])('of %s %j is a reply with an error', async (method, params, expected) => {
    const options = { clock: systemClock, log: nullLogger, limits: DEFAULT_LIMITS };
    const peer = new Peer(
      connect(ovs.ovsdbSocket),
      { ...options, probeIntervalMs: 5000 },
      () => {},
    );
    const request = peer.request({ method, params, decode: () => {} });
    await expect(request).rejects.toThrow(expected);
    peer.close('done');
  });
});

describe('a lock', () => {
  let other: ovsdb.OvsdbClient;

  beforeEach(async () => {
    const target = `unix:${ovs.ovsdbSocket}`;
    other = await ovsdb.dialOvsdb({ target, clock: systemClock, log: nullLogger });
    return () => other.close('done');
  });

  test('belongs to one client, passes on when it is given back, and can be stolen', async () => {
    const heard = new Promise((resolve) => {
      other.onLock((lock, held) => resolve([lock, held]));
    });
    expect(await client.lock('l')).toBe(true);
    expect(await other.lock('l')).toBe(false);
    await client.transact(OPEN_VSWITCH, [ovsdb.assertLock('l')]);
    await client.unlock('l');
    expect(await heard).toEqual(['l', true]);
    const robbed = new Promise((resolve) => {
      other.onLock((lock, held) => resolve([lock, held]));
    });
    expect(await client.steal('l')).toBe(true);
    expect(await robbed).toEqual(['l', false]);
    await client.unlock('l');
  });
});
