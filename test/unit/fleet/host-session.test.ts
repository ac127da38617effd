/**
 * Goal: the session's state machine: what it asks of a host, in which order, and what it does when
 * the host, its owner or its desired state change in the middle.
 * Method: a database and a switch in memory, a clock that the test moves; answers are held back to
 * place an event between a question and its answer.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { HostSession } from '../../../src/fleet/host-session.ts';
import { driftTotal, type ServicePacket } from '../../../src/fleet/types.ts';
import { TimedOutError } from '../../../src/ovsdb/index.ts';
import {
  type CompiledUnit,
  DesiredState,
  encodeUnit,
  GroupSet,
  IngressSecurity,
  IngressStateless,
  PRIORITY,
  packetMeter,
} from '../../../src/pipeline/index.ts';
import type { UnitKey } from '../../../src/topology/index.ts';
import {
  describeFlow,
  FakeDatabase,
  FakeLink,
  FakeSwitch,
  FakeTables,
  uuid,
} from '../../support/fake-switch.ts';
import { configOf, FleetRecord, networkUnit, unitMap } from '../../support/fleet-host.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const AUDIT_MS = 60_000;

let clock: VirtualClock;
let record: FleetRecord;
let session: HostSession;
let database: FakeDatabase;
let sw: FakeSwitch;
let link: FakeLink;
let moves: number;
let packets: ServicePacket[];

beforeEach(() => {
  clock = new VirtualClock();
  record = new FleetRecord();
  moves = 0;
  packets = [];
  session = new HostSession('h', {
    clock,
    random: { integer: () => 0, uuid: () => '' },
    log: record.logger(),
    events: record,
    auditIntervalMs: AUDIT_MS,
    fleetRevision: () => 0,
    moved: () => {
      moves += 1;
    },
    packetIn: (packet) => packets.push(packet) <= 2,
  });
  database = new FakeDatabase(new FakeTables({ 'system-id': 'h' }));
  sw = new FakeSwitch();
  link = new FakeLink(sw);
});

/** Lets everything that needs no time and no held answer happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

function adopt(units: readonly CompiledUnit[], epoch = 1, revision = 1): void {
  session.adopt({ epoch, revision, units: unitMap(units), config: configOf('h') });
}

function contentsFor(units: readonly CompiledUnit[]): string[] {
  const state = new DesiredState();
  state.apply(unitMap(units));
  const flows = state.tables().flatMap((table) => [...state.flowsOf(table)]);
  return [...flows, ...state.markers()].map(describeFlow).toSorted();
}

async function ready(units: readonly CompiledUnit[]): Promise<void> {
  session.attachDatabase(database);
  adopt(units);
  session.attachLink(link);
  await settle();
}

const A = networkUnit(7, [1, 2]);
const B = networkUnit(8, [3]);

/** A local port whose connections are tracked in a zone; `groupSet` is something it may change. */
function portUnit(id: string, zone: number, groupSet = 1): CompiledUnit<UnitKey> {
  const flow = IngressSecurity.flow(PRIORITY.normal)
    .match({ reg15: zone })
    .beginsZone(zone)
    .setField(GroupSet.field, BigInt(groupSet))
    .goto(IngressStateless);
  return encodeUnit(`local-port/${id}`, ['local-port', id], { flows: [flow] });
}

/** A port whose packets go through a meter. */
function meteredUnit(meterId: number, rate: number): CompiledUnit<UnitKey> {
  const flow = IngressSecurity.flow(PRIORITY.rest).match({ reg15: meterId }).meter(meterId);
  const meters = [packetMeter(meterId, { rate, burst: 5 })];
  return encodeUnit('local-port/m', ['local-port', 'm'], { flows: [flow.drop()], meters });
}

describe('the way to ready', () => {
  test('nothing is written before the host is adopted', async () => {
    session.attachDatabase(database);
    session.attachLink(link);
    await settle();
    expect(session.status().state).toBe('connected');
    expect(database.transactions).toEqual([]);
    expect(link.log).toEqual([]);
  });

  test('rows first, then the role, then the comparison, then one bundle', async () => {
    adopt([A]);
    expect(session.status().state).toBe('lost');
    session.attachDatabase(database);
    await settle();
    expect(session.status().state).toBe('enrolling');
    expect(database.transactions).toHaveLength(1);
    session.attachLink(link);
    expect(session.status().state).toBe('syncing');
    await settle();
    expect(link.log).toEqual(['role 1', 'table 250', 'meters', 'tables', 'groups', 'bundle']);
    expect(session.status()).toMatchObject({ state: 'ready', realizedRevision: 1, pending: 0 });
    expect(sw.contents()).toEqual(contentsFor([A]));
  });

  test('a switch whose markers agree is asked for them and its meters, and sent nothing', async () => {
    await ready([A, B]);
    const second = new FakeLink(sw);
    session.attachLink(second);
    await settle();
    expect(second.log).toEqual(['role 1', 'table 250', 'meters']);
    expect(link.closed).toMatch(/another channel/);
    expect(session.status()).toMatchObject({ state: 'ready', reconnects: 1, errors: 0 });
  });

  test('only tables that their markers do not vouch for are read', async () => {
    await ready([A]);
    link.close('gone');
    const one = networkUnit(7, [1]);
    // The same classifier flows, another group and another forwarding table.
    const changed = { ...A, flows: [...A.flows.filter(({ table }) => table === 0), ...one.flows] };
    session.update(2, new Map([['network/7', changed]]));
    const second = new FakeLink(sw);
    session.attachLink(second);
    await settle();
    expect(second.log).toEqual(['role 1', 'table 250', 'meters', 'tables', 'table 60', 'bundle']);
    expect(sw.contents()).toEqual(contentsFor([changed]));
  });
});

describe('updates', () => {
  test('those that come during a bundle wait, and go together', async () => {
    await ready([A]);
    const release = link.hold();
    session.update(2, new Map([['network/8', B]]));
    await settle();
    session.update(3, new Map([['network/8', networkUnit(8, [3, 4])]]));
    session.update(4, new Map([['network/8', networkUnit(8, [4])]]));
    clock.advance(30);
    expect(session.status()).toMatchObject({ pending: 3, lagMs: 30, realizedRevision: 1 });
    release();
    await settle();
    expect(link.bundles).toHaveLength(3);
    expect(record.realizations.map(({ revision }) => revision)).toEqual([1, 2, 4]);
    expect(sw.contents()).toEqual(contentsFor([A, networkUnit(8, [4])]));
    expect(session.status()).toMatchObject({ pending: 0, lagMs: 0 });
  });

  test('the conntrack zone of a port is emptied before the port is new to the switch', async () => {
    await ready([A]);
    const asked = link.log.length;
    session.update(2, new Map([['local-port/p', portUnit('p', 5)]]));
    await settle();
    expect(link.log.slice(asked)).toEqual(['flush 5', 'bundle']);
    // The same port with other flows keeps its connections; another port does not get them.
    session.update(3, new Map([['local-port/p', portUnit('p', 5, 8)]]));
    await settle();
    expect(link.log.slice(asked + 2)).toEqual(['bundle']);
    const taken = new Map([
      ['local-port/p', undefined],
      ['local-port/q', portUnit('q', 5)],
    ] as const);
    session.update(4, taken);
    await settle();
    expect(link.log.slice(asked + 3)).toEqual(['flush 5', 'bundle']);
  });

  test('a zone that changed hands while nobody looked is emptied, and no other', async () => {
    await ready([A, portUnit('p', 5), portUnit('r', 6)]);
    link.close('cut');
    adopt([A, portUnit('q', 5), portUnit('r', 6)], 2, 2);
    const second = new FakeLink(sw);
    session.attachLink(second);
    await settle();
    expect([...link.log, ...second.log].filter((line) => line.startsWith('flush'))).toEqual([
      'flush 5',
    ]);
  });

  test('one that comes while a switch is being compared is not lost', async () => {
    session.attachDatabase(database);
    adopt([A]);
    await settle();
    const release = link.hold();
    session.attachLink(link);
    await settle();
    session.update(2, new Map([['network/8', B]]));
    release();
    await settle();
    expect(sw.contents()).toEqual(contentsFor([A, B]));
    expect(session.status()).toMatchObject({ state: 'ready', realizedRevision: 2, errors: 0 });
  });

  test('a change that leaves the host as it is is acknowledged without a message', async () => {
    await ready([A]);
    session.update(2, new Map([['network/7', networkUnit(7, [1, 2])]]));
    await settle();
    expect(session.status().realizedRevision).toBe(2);
    expect(link.bundles).toHaveLength(1);
  });

  test('what a refused bundle leaves is compared as a whole, after a pause', async () => {
    await ready([A]);
    const inOneTable = { ...B, flows: B.flows.filter(({ table }) => table === 60) };
    session.update(2, new Map([['network/8', { ...inOneTable, groups: [] }]]));
    await settle();
    expect(session.status()).toMatchObject({ state: 'syncing', errors: 1, realizedRevision: 1 });
    expect(record.lines.at(-1)).toMatchObject({ units: ['network/8'] });
    expect(sw.contents()).toEqual(contentsFor([A]));
    const asked = link.log.length;
    session.update(3, new Map([['network/8', inOneTable]]));
    await settle();
    expect(link.log).toHaveLength(asked);
    clock.advance(200);
    await settle();
    // Also the table of which the markers agree.
    const read = link.log.slice(asked).toSorted();
    expect(read).toEqual([
      'bundle',
      'groups',
      'meters',
      'table 0',
      'table 250',
      'table 60',
      'tables',
    ]);
    expect(session.status()).toMatchObject({ state: 'ready', realizedRevision: 3 });
    expect(sw.contents()).toEqual(contentsFor([A, inOneTable]));
  });

  test('the pauses grow while a unit goes on being refused', async () => {
    await ready([A]);
    session.update(2, new Map([['network/8', { ...B, groups: [] }]]));
    await settle();
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      await settle();
    }
    const { errors } = session.status();
    expect(errors).toBeGreaterThan(5);
    expect(errors).toBeLessThan(25);
  });
});

describe('ownership', () => {
  test('a release stops every write, also between two questions', async () => {
    session.attachDatabase(database);
    adopt([A]);
    await settle();
    const release = link.hold();
    session.attachLink(link);
    await settle();
    session.release();
    release();
    await settle();
    session.update(2, new Map([['network/8', B]]));
    await settle();
    expect(link.bundles).toEqual([]);
    expect(sw.contents()).toEqual([]);
    expect(session.status().state).toBe('connected');
  });

  test('an adoption in the middle of another starts over with its own state', async () => {
    session.attachDatabase(database);
    adopt([A]);
    await settle();
    const release = link.hold();
    session.attachLink(link);
    await settle();
    adopt([B], 2, 5);
    release();
    await settle();
    expect(sw.contents()).toEqual(contentsFor([B]));
    expect(session.status()).toMatchObject({ state: 'ready', realizedRevision: 5 });
    expect(sw.generation).toBe(2n);
  });

  test('a newer epoch in the database fences before anything is written', async () => {
    database.tables.setRoot({ 'system-id': 'h', 'heddle-epoch': '9' });
    await ready([A]);
    expect(record.fences).toEqual([{ hostId: 'h', epoch: 1n }]);
    expect(database.transactions).toEqual([]);
    expect(link.log).toEqual([]);
    expect(session.status().state).toBe('fenced');
  });

  test('every transaction begins with a wait on the epoch, the raising and the repairs alike', async () => {
    await ready([A]);
    database.tables.setRoot({ 'system-id': 'h', 'heddle-epoch': '1' });
    clock.advance(1000);
    database.changed();
    await settle();
    expect(database.transactions).toHaveLength(2);
    for (const [first] of database.transactions) {
      expect(first?.wire).toMatchObject({ op: 'wait', table: 'Open_vSwitch', timeout: 0 });
    }
    const [, repair] = database.transactions;
    expect(JSON.stringify(repair?.[0]?.wire)).toContain('["heddle-epoch","1"]');
  });

  test('a newer epoch that appears later fences too, and ours can come back with a newer one', async () => {
    await ready([A]);
    database.tables.setRoot({ 'system-id': 'h', 'heddle-epoch': '9' });
    database.changed();
    await settle();
    expect(record.fences).toHaveLength(1);
    session.update(2, new Map([['network/8', B]]));
    await settle();
    expect(sw.contents()).toEqual(contentsFor([A]));
    adopt([A, B], 10, 3);
    await settle();
    expect(session.status()).toMatchObject({ state: 'ready', realizedRevision: 3 });
    expect(sw.contents()).toEqual(contentsFor([A, B]));
  });

  test('a switch that refuses the role, or a bundle because of it, fences', async () => {
    sw.generation = 5n;
    await ready([A]);
    expect(record.fences).toHaveLength(1);
    adopt([A], 6, 2);
    await settle();
    expect(session.status().state).toBe('ready');
    link.demote();
    session.update(3, new Map([['network/8', B]]));
    await settle();
    expect(record.fences).toHaveLength(2);
    expect(session.status()).toMatchObject({ state: 'fenced', errors: 0, realizedRevision: 2 });
  });
});

describe('audits', () => {
  test('they come by themselves, and repair what they find', async () => {
    await ready([A]);
    sw.flows.delete(A.flows[0]?.key ?? '');
    clock.advance(AUDIT_MS);
    await settle();
    expect(record.drifts).toHaveLength(1);
    expect(record.drifts[0]?.report).toMatchObject({ flowsMissing: 1, flowsForeign: 0 });
    expect(sw.contents()).toEqual(contentsFor([A]));
    expect(session.status()).toMatchObject({ driftRepaired: 1, lastAudit: clock.wallTimeMs() });
    clock.advance(AUDIT_MS);
    await settle();
    expect(record.drifts).toHaveLength(1);
  });

  test('an update goes between two tables of an audit and is no drift', async () => {
    await ready([A]);
    const release = link.hold();
    const report = session.auditNow();
    await settle();
    session.update(2, new Map([['network/7', undefined]]));
    session.update(3, new Map([['network/8', B]]));
    release();
    await settle();
    expect(driftTotal(await report)).toBe(0);
    expect(sw.contents()).toEqual(contentsFor([B]));
    const bundle = link.log.lastIndexOf('bundle');
    expect(link.log.slice(bundle + 1).some((asked) => asked.startsWith('table '))).toBe(true);
  });

  test('an update that comes while its table is read is no drift', async () => {
    await ready([A]);
    const read = link.readTable.bind(link);
    link.readTable = (table) => {
      if (table === 60) session.update(2, new Map([['network/8', B]]));
      return read(table);
    };
    expect(driftTotal(await session.auditNow())).toBe(0);
    await settle();
    expect(sw.contents()).toEqual(contentsFor([A, B]));
  });

  test('one that was asked for ends with an error when the switch goes', async () => {
    await ready([A]);
    link.hold();
    const report = session.auditNow();
    await settle();
    link.close('gone');
    await expect(report).rejects.toThrow(/compared anew|has ended/);
    await expect(session.auditNow()).rejects.toThrow(/not ready/);
  });
});

describe('meters', () => {
  test('come before the flows that name them and leave after', async () => {
    await ready([A, meteredUnit(7, 10)]);
    expect(link.log.slice(-2)).toEqual(['meter mods 1', 'bundle']);
    expect([...sw.meters.keys()]).toEqual([7]);
    session.update(2, new Map([['local-port/m', meteredUnit(8, 10)]]));
    await settle();
    expect(link.log.slice(-3)).toEqual(['meter mods 1', 'bundle', 'meter mods 1']);
    expect([...sw.meters.keys()]).toEqual([8]);
    expect(session.status()).toMatchObject({ meterModsSent: 3, errors: 0 });
    expect(sw.contents()).toEqual(contentsFor([A, meteredUnit(8, 10)]));
  });

  test('that a channel left behind when it ended are gone with the next', async () => {
    await ready([A, meteredUnit(7, 10)]);
    link.close('cable');
    for (const left of meteredUnit(8, 10).meters) sw.meters.set(8, left);
    session.attachLink(new FakeLink(sw));
    await settle();
    expect([...sw.meters.keys()]).toEqual([7]);
    expect(session.status()).toMatchObject({ state: 'ready', meterModsSent: 2, errors: 0 });
  });

  test('that changed while the switch was away are changed when it is back', async () => {
    await ready([A, meteredUnit(7, 10)]);
    link.close('cable');
    session.update(2, new Map([['local-port/m', meteredUnit(7, 20)]]));
    session.attachLink(new FakeLink(sw));
    await settle();
    expect(session.status()).toMatchObject({ state: 'ready', meterModsSent: 2, errors: 0 });
  });

  test('that somebody touched are put right by an audit', async () => {
    await ready([A, meteredUnit(7, 10)]);
    for (const unit of [meteredUnit(9, 1), meteredUnit(7, 99)]) {
      for (const meter of unit.meters) sw.meters.set(meter.meterId, meter);
    }
    const report = await session.auditNow();
    expect(report).toMatchObject({ metersChanged: 1, metersForeign: 1, flowsMissing: 0 });
    expect([...sw.meters]).toEqual([[7, meteredUnit(7, 10).meters[0]]]);
  });

  test('one that is there already is found out and made as it should be', async () => {
    await ready([A]);
    for (const stale of meteredUnit(7, 1).meters) sw.meters.set(7, stale);
    session.update(2, new Map([['local-port/m', meteredUnit(7, 10)]]));
    await settle();
    expect(session.status()).toMatchObject({ errors: 1 });
    clock.advance(500);
    await settle();
    expect(session.status()).toMatchObject({ state: 'ready', pending: 0, errors: 1 });
    expect(sw.contents()).toEqual(contentsFor([A, meteredUnit(7, 10)]));
  });
});

describe('packets of guests', () => {
  const punted = {
    userdata: Buffer.from([1, 7]),
    cookie: 3n,
    metadata: { in_port: 9, metadata: 101n, xreg7: 5n << 32n },
    data: Buffer.from('frame'),
  };

  test('are handed on with who sent them, and what the flow says', async () => {
    await ready([A]);
    link.punt(punted);
    const { metadata, cookie, data } = punted;
    const from = { hostId: 'h', ofport: 5, vni: 101 };
    const parameters = Buffer.from([7]);
    expect(packets).toEqual([{ service: 'dhcpv4', parameters, ...from, metadata, cookie, data }]);
  });

  test('of no service, and too many at once, are dropped and counted', async () => {
    await ready([A]);
    for (const userdata of [undefined, Buffer.alloc(0), Buffer.from([0]), Buffer.from([200])]) {
      link.punt({ ...punted, userdata });
    }
    expect(session.status()).toMatchObject({ packetIns: 0, packetInsDropped: 4 });
    for (let turn = 0; turn < 5; turn++) link.punt(punted);
    expect(session.status()).toMatchObject({ packetIns: 2, packetInsDropped: 7 });
  });

  test('of a host that is not ours are nobody’s, and nothing is sent there', async () => {
    session.attachDatabase(database);
    session.attachLink(link);
    await settle();
    link.punt(punted);
    const sent = { ofport: 5, data: punted.data };
    const passed = { ...sent, vni: 101, metadata: {} };
    const send = (own = session.ownLink) => [own?.sendPacket(5, sent.data), own?.passOn(passed)];
    send();
    adopt([A]);
    await settle();
    send();
    session.release();
    link.punt(punted);
    send();
    expect(packets).toEqual([]);
    expect([link.packets, link.passed]).toEqual([[sent], [passed]]);
  });
});

describe('connections', () => {
  test('a lost database is reported; the switch is served on', async () => {
    await ready([A]);
    database.close('cable');
    expect(record.lost).toEqual([{ hostId: 'h', reason: 'cable' }]);
    session.update(2, new Map([['network/8', B]]));
    await settle();
    expect(session.status()).toMatchObject({ state: 'lost', realizedRevision: 2 });
    session.attachDatabase(new FakeDatabase(new FakeTables({ 'system-id': 'h' })));
    await settle();
    expect(session.status().state).toBe('ready');
    expect(record.facts).toHaveLength(2);
  });

  test.each([
    ['that refuses our rows', new Error('constraint violation'), 1],
    ['that somebody else writes', new TimedOutError({ error: 'timed out' }), 0],
  ])('a database %s is tried again after a pause, and costs the switch nothing', async (...at) => {
    const [, failure, errors] = at;
    await ready([A]);
    const { length } = database.transactions;
    database.failure = failure;
    clock.advance(1000);
    database.changed();
    await settle();
    expect(session.status()).toMatchObject({ errors, state: 'ready' });
    session.update(2, new Map([['network/8', B]]));
    await settle();
    expect(session.status().realizedRevision).toBe(2);
    database.failure = undefined;
    clock.advance(200);
    await settle();
    expect(database.transactions).toHaveLength(length + 1);
  });

  test('somebody who undoes our rows again and again gets one repair a second', async () => {
    await ready([A]);
    const { length } = database.transactions;
    for (let turn = 0; turn < 50; turn++) {
      database.changed();
      clock.advance(100);
      await settle();
    }
    expect(database.transactions.length - length).toBe(5);
  });

  test('whoever waits for the host is told whenever its bridge has become known', async () => {
    const bridge = { _uuid: uuid(9), name: 'br-int', datapath_id: '00000000000000ff', ports: [] };
    const { tables } = database;
    tables.all.Bridge.set(uuid(9), bridge as never);
    session.attachDatabase(database);
    expect({ moves, id: session.datapathId }).toEqual({ moves: 1, id: 255n });
    database.changed();
    expect(moves).toBe(1);
    database.close('restart');
    session.attachDatabase(new FakeDatabase(tables));
    expect(moves).toBe(2);
  });

  test('a host that changes its name is closed: it is another host', async () => {
    await ready([A]);
    database.tables.setRoot({ 'system-id': 'other' });
    database.changed();
    expect(database.closed).toMatch(/changed its system-id/);
  });

  test('closing ends connections and timers', async () => {
    await ready([A]);
    session.close('done');
    expect(link.closed).toBe('done');
    expect(database.closed).toBe('done');
    expect(clock.pending).toBe(0);
  });
});
