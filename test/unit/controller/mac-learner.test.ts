/**
 * Goal: a MAC address that several ports may have is written down for the port that said last that
 * it has it, once, and for nobody else; it is given up when that port goes.
 * Method: a controller in memory; the test plays its hosts, and what guests announce.
 */
import { describe, expect, test } from 'vitest';
import { network, port } from '../../../lab/records.ts';
import { REST_MS } from '../../../src/controller/mac-learner.ts';
import { learnedMacId, type Port } from '../../../src/topology/index.ts';
import { ControllerWorld, type Records } from '../../support/controller-world.ts';

const VIRTUAL = '00:00:5e:00:01:07';
const PAIRS = [{ ip_address: '10.0.0.100', mac_address: VIRTUAL }];
const at = (number: number) => ({ network: 'n', mac: `02:00:00:00:00:0${number}`, ips: [] });
const pair = (id: string, number: number, more: Partial<Port> = {}): Port =>
  port(id, at(number), { allowed_address_pairs: PAIRS, ...more });
const INTENT: Records = {
  'network/n': network('n', 7),
  'port/one': pair('one', 1),
  'port/two': pair('two', 2),
  'port/other': port('other', at(3)),
};

/** `one` is port 1 of h1, `two` port 1 of h2 and `other` port 2 there. */
async function world(records: Records = INTENT): Promise<ControllerWorld> {
  const started = new ControllerWorld(records);
  await started.connect('h1', ['one']);
  await started.connect('h2', ['two', 'other']);
  return started;
}

const ID = learnedMacId('n', VIRTUAL);
const holderOf = (started: ControllerWorld) => started.topology.get('learned_mac', ID)?.port_id;

/** A port says that it has an address, and its host hands that over. */
async function announce(
  started: ControllerWorld,
  from: { host: string; ofport?: number; vni?: number },
  data = frame(VIRTUAL),
): Promise<void> {
  started.controller.fleetEvents().packetIn({
    hostId: from.host,
    service: 'announcement',
    parameters: Buffer.alloc(0),
    ofport: from.ofport ?? 1,
    vni: from.vni ?? 7,
    cookie: 0n,
    metadata: {},
    data,
  });
  await started.settle();
}

function frame(mac: string): Buffer {
  return Buffer.from(`ffffffffffff${mac.replaceAll(':', '')}0806`, 'hex');
}

async function rest(started: ControllerWorld): Promise<void> {
  started.clock.advance(REST_MS);
  await started.settle();
}

describe('an announced address', () => {
  test('is the port that said so, and moves with it', async () => {
    const started = await world();
    await announce(started, { host: 'h1' });
    expect(holderOf(started)).toBe('one');
    await rest(started);
    await announce(started, { host: 'h2' });
    expect(holderOf(started)).toBe('two');
  });

  test('costs one commit, however often it is announced', async () => {
    const started = await world();
    const timers = started.clock.pending;
    await announce(started, { host: 'h1' });
    const { revision } = started.topology;
    for (let again = 0; again < 20; again++) await announce(started, { host: 'h1' });
    await rest(started);
    expect(started.topology.revision).toBe(revision);
    expect(started.clock.pending).toBe(timers);
  });

  test('moves once in a while, and then to who said so last', async () => {
    const started = await world();
    await announce(started, { host: 'h1' });
    const { revision } = started.topology;
    for (let again = 0; again < 20; again++) {
      await announce(started, { host: 'h2' });
      await announce(started, { host: 'h1' });
    }
    await announce(started, { host: 'h2' });
    expect(holderOf(started)).toBe('one');
    await rest(started);
    expect(holderOf(started)).toBe('two');
    expect(started.topology.revision).toBe(revision + 1);
  });

  test.each([
    ['a port that may not have it', { host: 'h2', ofport: 2 }, frame(VIRTUAL)],
    ['no port', { host: 'h2', ofport: 9 }, frame(VIRTUAL)],
    ['another network', { host: 'h1', vni: 8 }, frame(VIRTUAL)],
    ['its own address', { host: 'h1' }, frame('02:00:00:00:00:01')],
    ['the own address of another port', { host: 'h1' }, frame('02:00:00:00:00:03')],
    ['half a frame', { host: 'h1' }, Buffer.alloc(9)],
  ])('is nobody when it is announced by %s', async (_, from, data) => {
    const started = await world();
    await announce(started, from, data);
    expect([...started.topology.list('learned_mac')]).toEqual([]);
  });

  test('is nobody while it is the own address of a port, whatever pairs say', async () => {
    const taken = port('owner', { ...at(4), mac: VIRTUAL });
    const started = await world({ ...INTENT, 'port/owner': taken });
    await announce(started, { host: 'h1' });
    expect(holderOf(started)).toBeUndefined();
  });
});

describe('a port that has an address gives it up', () => {
  async function held(): Promise<ControllerWorld> {
    const started = await world();
    await announce(started, { host: 'h1' });
    expect(holderOf(started)).toBe('one');
    return started;
  }

  test('when it is unplugged', async () => {
    const started = await held();
    started.show('h1', []);
    await started.settle();
    expect(holderOf(started)).toBeUndefined();
  });

  test('when it is deleted', async () => {
    const started = await held();
    started.commit({ put: new Map(), delete: ['port/one'] });
    await started.settle();
    expect(holderOf(started)).toBeUndefined();
  });

  test.each([
    ['it has no such pair any more', { allowed_address_pairs: [] }],
    ['it has no port security any more', { port_security_enabled: false }],
  ])('when %s', async (_, more) => {
    const started = await held();
    started.put(['port/one', pair('one', 1, more)]);
    await started.settle();
    expect(holderOf(started)).toBeUndefined();
  });

  test('when a controller starts that finds it so', async () => {
    const record = { network_id: 'n', mac_address: VIRTUAL, port_id: 'gone' };
    const started = await world({ ...INTENT, [`learned_mac/${ID}`]: record });
    await started.settle();
    expect(holderOf(started)).toBeUndefined();
  });

  test('and keeps it when anything else changes', async () => {
    const started = await held();
    const { revision } = started.topology;
    started.put(['port/one', pair('one', 1, { name: 'new' })]);
    await started.settle();
    expect(holderOf(started)).toBe('one');
    expect(started.topology.revision).toBe(revision + 1);
  });
});
