/**
 * Goal: the way out is what the operator named, and nothing else; what its port is given is what
 * ports are promised, and what was never ours stays.
 * Method: rows in memory; operations as they would go over the wire.
 */
import { describe, expect, test } from 'vitest';
import { findUplink, planUplink } from '../../../src/fleet/uplink.ts';
import { FakeTables, uuid } from '../../support/fake-switch.ts';
import { configOf } from '../../support/fleet-host.ts';

const CONFIG = configOf('host-a');
const [PORT, QOS, REST, WEB] = [uuid(11), uuid(40), uuid(41), uuid(42)];

interface Device {
  readonly ids?: Record<string, string>;
  readonly speed?: number;
  readonly qos?: string;
  readonly bridge?: string;
}

/** A device in a bridge. */
function add(tables: FakeTables, number: number, device: Device = {}): FakeTables {
  const { ids = { 'heddle-egress-iface': 'true' }, speed, qos, bridge = 'br-phys' } = device;
  tables.all.Interface.set(uuid(number), {
    _uuid: uuid(number),
    name: `eth${number}`,
    type: '',
    options: new Map(),
    ofport: 1,
    ofport_request: undefined,
    external_ids: new Map(Object.entries(ids)),
    error: undefined,
    link_speed: speed,
  });
  const port = uuid(number + 1);
  const row = { _uuid: port, name: `eth${number}`, interfaces: [uuid(number)], qos };
  tables.all.Port.set(port, row);
  tables.all.Bridge.set(uuid(number + 2), {
    _uuid: uuid(number + 2),
    name: bridge,
    ports: [port],
  } as never);
  return tables;
}

const host = (ids: Record<string, string> = {}) =>
  new FakeTables({ 'system-id': 'host-a', ...ids });
const pairs = (given: Record<string, string>) => new Map(Object.entries(given));

/** A `QoS` with the queues 0 and 3 of a 10 Mbit/s device, 3 Mbit/s of which are promised. */
function promised(qosOwner: Record<string, string> = { 'heddle-bridge': 'br-int' }): FakeTables {
  const tables = add(host(), 10, { speed: 10_000_000, qos: QOS });
  const queue = (_uuid: string, rate: string) =>
    tables.all.Queue.set(_uuid, {
      _uuid,
      other_config: pairs({ 'min-rate': rate, 'max-rate': '10000000', burst: '200000' }),
      external_ids: pairs(qosOwner),
    });
  queue(REST, '7000000');
  queue(WEB, '3000000');
  tables.all.QoS.set(QOS, {
    _uuid: QOS,
    type: 'linux-htb',
    other_config: pairs({ 'max-rate': '10000000' }),
    external_ids: pairs(qosOwner),
    queues: new Map([
      [0, REST],
      [3, WEB],
    ]),
  });
  return tables;
}

function wires(tables: FakeTables, promises: Record<number, number>) {
  const entries = Object.entries(promises).map(([id, kbps]) => [Number(id), kbps] as const);
  const { operations, problem } = planUplink(tables, CONFIG, new Map(entries));
  return { wires: operations.map(({ wire }) => wire), problem };
}

const wordsOf = ({ op, table }: Record<string, unknown>) => [op, table].join(' ');

const queueRates = (rows: readonly object[]) =>
  rows
    .filter((wire) => 'row' in wire && 'table' in wire && wire.table === 'Queue')
    .map((wire) => ('row' in wire ? wire.row : undefined));

const rates = (min: number, max: number) => [
  'map',
  [
    ['min-rate', `${min}`],
    ['max-rate', `${max}`],
    ['burst', `${max / 50}`],
  ],
];

describe('the way out', () => {
  test('is the device that is named, as fast as it says or as it is told', () => {
    const found = (device: Device) => findUplink(add(host(), 10, device), 'br-int').uplink;
    const named = { 'heddle-egress-iface': 'true' };
    expect(found({ speed: 10_000_000_000 })).toMatchObject({ rate: 10_000_000_000 });
    expect(found({ speed: 10_000_000_000 })?.port._uuid).toBe(PORT);
    const told = { ids: { ...named, 'heddle-egress-kbps': '4000' }, speed: 10_000_000_000 };
    expect(found(told)).toMatchObject({ rate: 4_000_000 });
    expect(found({ ids: {}, speed: 10 })).toBeUndefined();
    expect(found({ ids: { 'heddle-egress-iface': 'no' }, speed: 10 })).toBeUndefined();
    expect(found({ speed: 10, bridge: 'br-int' })).toBeUndefined();
  });

  test.each<[string, FakeTables]>([
    ['how fast eth10 is is not known', add(host(), 10)],
    ['how fast eth10 is is not known', add(host(), 10, { speed: 0 })],
    ['several ways out are named: eth10, eth20', add(add(host(), 20, { speed: 1 }), 10)],
    ['the port eth10 has a QoS of somebody else', promised({ who: 'else' })],
    [
      'the userspace datapath has no queues',
      add(host({ 'heddle-datapath-type': 'netdev' }), 10, { speed: 1 }),
    ],
  ])('is none where %s, and that is said', (reason, tables) => {
    const found = findUplink(tables, 'br-int');
    expect(found.uplink).toBeUndefined();
    expect(found.problem).toContain(reason);
    expect(wires(tables, { 3: 3000 })).toEqual({ wires: [], problem: found.problem });
  });
});

describe('a host', () => {
  test('gets a queue for each promise, and one for all else with the rest', () => {
    const { wires: given, problem } = wires(add(host(), 10, { speed: 10_000_000 }), { 3: 3000 });
    expect(problem).toBeUndefined();
    expect(queueRates(given)).toMatchObject([
      { other_config: rates(7_000_000, 10_000_000) },
      { other_config: rates(3_000_000, 10_000_000) },
    ]);
    expect(given).toContainEqual(
      expect.objectContaining({ op: 'insert', table: 'QoS', 'uuid-name': 'uplink' }),
    );
    expect(given.at(-1)).toMatchObject({ table: 'Port', row: { qos: ['named-uuid', 'uplink'] } });
  });

  test('that has what it should is not written to', () => {
    expect(wires(promised(), { 3: 3000 }).wires).toEqual([]);
  });

  test('is told of a promise that changes in the queues alone', () => {
    const { wires: given } = wires(promised(), { 3: 2000 });
    expect(given.map(wordsOf)).toEqual(['update Queue', 'update Queue']);
    expect(queueRates(given)).toMatchObject([
      { other_config: rates(8_000_000, 10_000_000) },
      { other_config: rates(2_000_000, 10_000_000) },
    ]);
  });

  test('gives each port its part of what is promised in vain', () => {
    const { wires: given, problem } = wires(promised(), { 3: 12_000, 4: 8000 });
    expect(problem).toContain('20000 kbit/s of the 10000 of eth10');
    expect(queueRates(given)).toMatchObject([
      { other_config: rates(0, 10_000_000) },
      { other_config: rates(6_000_000, 10_000_000) },
      { other_config: rates(4_000_000, 10_000_000) },
    ]);
  });

  test('loses a queue that nobody is promised any more, and all of it with the last', () => {
    const gone = (promises: Record<number, number>, tables = promised()) =>
      wires(tables, promises).wires.map(wordsOf);
    expect(gone({ 5: 3000 })).toEqual(['insert Queue', 'update QoS', 'delete Queue']);
    const all = ['update Port', 'delete QoS', 'delete Queue', 'delete Queue'];
    expect(gone({})).toEqual(all);
    const unnamed = promised();
    add(unnamed, 10, { ids: {}, qos: QOS });
    expect(gone({ 3: 3000 }, unnamed)).toEqual(all);
  });

  test('keeps what was never ours', () => {
    const others = promised({ who: 'else' });
    expect(wires(others, {}).wires).toEqual([]);
  });
});
