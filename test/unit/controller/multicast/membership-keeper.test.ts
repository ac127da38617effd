/**
 * Goal: what a port tells of multicast groups is recorded once, bounded, and no longer than it holds:
 * until it leaves, is silent for too long, is unplugged or goes; it goes with the VM; who takes over
 * a host asks its ports.
 * Method: a controller in memory with a clock that stands still; reports come as packets of ports.
 */
import { expect, test } from 'vitest';
import { ipFrame } from '../../../../lab/frames.ts';
import { binding, host, network, port } from '../../../../lab/records.ts';
import { DEFAULT_HOST_LIMITS, type HostLimits } from '../../../../src/topology/index.ts';
import { ControllerWorld, type Records } from '../../../support/controller-world.ts';

const INTERVAL_MS = 100_000;
/** Of two intervals and the time for an answer. */
const LIFETIME_MS = 2 * INTERVAL_MS + 10_000;
const TURN_MS = 1_000;
const PACE_MS = 250;

const MAC = { source: '02:00:00:00:00:01', destination: '01:00:5e:00:00:16' };
const ENDS_4 = { ...MAC, sourceIp: '10.0.0.1', destinationIp: '224.0.0.22' };
const ENDS_6 = { ...MAC, sourceIp: 'fe80::ff:fe00:1', destinationIp: 'ff02::16' };
const INTENT: Records = {
  'network/n': network('n', 7),
  'port/p': port('p', { network: 'n', mac: MAC.source, ips: ['10.0.0.1'] }),
  'port/q': port('q', { network: 'n', mac: '02:00:00:00:00:02', ips: ['10.0.0.2'] }),
};

const [JOIN, LEAVE] = ['04', '03'];

function report4(type: string, ...groups: readonly number[]): Buffer {
  const records = groups.map((group) => `${type}000000ef01${group.toString(16).padStart(4, '0')}`);
  const count = records.length.toString(16).padStart(4, '0');
  return ipFrame(ENDS_4, 2, Buffer.from(`220000000000${count}${records.join('')}`, 'hex'));
}

function report6(type: string): Buffer {
  const record = `${type}000000ff15${'0'.repeat(27)}1`;
  const message = Buffer.from(`3a000502000001008f00000000000001${record}`, 'hex');
  return ipFrame(ENDS_6, 0, message);
}

async function tell(world: ControllerWorld, data: Buffer, hostId = 'h1', ofport = 1) {
  world.controller.fleetEvents().packetIn({
    hostId,
    service: 'multicast',
    parameters: Buffer.alloc(0),
    ofport,
    vni: 7,
    cookie: 0n,
    metadata: {},
    data,
  });
  await world.settle();
}

async function pass(world: ControllerWorld, ms: number): Promise<void> {
  world.clock.advance(ms);
  await world.settle();
}

function groupsOf(world: ControllerWorld, id = 'p'): readonly string[] | undefined {
  return world.topology.get('membership', id)?.groups;
}

/** Ports p and q are plugged into h1. */
async function world(limits?: HostLimits): Promise<ControllerWorld> {
  const made = new ControllerWorld(INTENT, limits, INTERVAL_MS);
  await made.connect('h1', ['p', 'q']);
  return made;
}

/** Types of the queries that went to ports since this was asked last, with the ports. */
function queries(world: ControllerWorld): string[] {
  return world.packets.splice(0).map(({ hostId, ofport, frame }) => {
    const isIpv4 = frame.readUInt16BE(12) === 0x0800;
    const group = isIpv4 ? frame.readUInt32BE(42) : frame.readUInt16BE(70);
    const name = isIpv4 ? 'IGMP' : 'MLD';
    return `${hostId}:${ofport} ${name}${group === 0 ? '' : ` ${group.toString(16)}`}`;
  });
}

test('a join is recorded, and told again changes nothing', async () => {
  const w = await world();
  await tell(w, report4(JOIN, 0x102, 0x101));
  expect(groupsOf(w)).toEqual(['239.1.1.1', '239.1.1.2']);
  const { revision } = w.topology;
  await pass(w, PACE_MS);
  await tell(w, report4(JOIN, 0x101));
  await tell(w, report4(JOIN, 0x102));
  await pass(w, PACE_MS);
  expect(w.topology.revision).toBe(revision);
  await tell(w, report6(JOIN));
  expect(groupsOf(w)).toEqual(['239.1.1.1', '239.1.1.2', 'ff15::1']);
  expect(groupsOf(w, 'q')).toBeUndefined();
});

test('a port that leaves is asked twice, and is no listener when nobody answers', async () => {
  const w = await world();
  await tell(w, report4(JOIN, 0x101));
  queries(w);
  await tell(w, report4(LEAVE, 0x101));
  expect(queries(w)).toEqual(['h1:1 IGMP ef010101']);
  expect(groupsOf(w)).toEqual(['239.1.1.1']);
  await tell(w, report4(LEAVE, 0x101));
  expect(queries(w)).toEqual([]);
  w.clock.advance(1_000);
  expect(queries(w)).toContain('h1:1 IGMP ef010101');
  await pass(w, 1_000 + TURN_MS);
  expect(groupsOf(w)).toBeUndefined();
});

test('another listener behind the port that answers keeps it', async () => {
  const w = await world();
  await tell(w, report6(JOIN));
  queries(w);
  await tell(w, report6(LEAVE));
  expect(queries(w)).toEqual(['h1:1 MLD ff15']);
  await tell(w, report6(JOIN));
  await pass(w, LIFETIME_MS - TURN_MS);
  expect(groupsOf(w)).toEqual(['ff15::1']);
});

test('a listener that is silent is forgotten, one that answers is not', async () => {
  const w = await world();
  await tell(w, report4(JOIN, 0x101));
  await tell(w, report4(JOIN, 0x101), 'h1', 2);
  await pass(w, LIFETIME_MS - TURN_MS);
  await tell(w, report4(JOIN, 0x101));
  await pass(w, 2 * TURN_MS);
  expect(groupsOf(w)).toEqual(['239.1.1.1']);
  expect(groupsOf(w, 'q')).toBeUndefined();
});

test('every port is asked once an interval, and twice when its host becomes ours', async () => {
  const w = await world();
  const all = ['h1:1 IGMP', 'h1:1 MLD', 'h1:2 IGMP', 'h1:2 MLD'];
  w.clock.advance(2 * TURN_MS);
  const first = queries(w);
  expect(first.slice(0, 8)).toEqual([...all, ...all]);
  w.clock.advance(INTERVAL_MS);
  expect(queries(w)).toEqual(all);
});

test('a port has so many groups and no more, however many it tells of', async () => {
  const w = await world();
  const many = Array.from({ length: 100 }, (_, index) => 0x100 + index);
  for (let round = 0; round < 20; round++) {
    await tell(w, report4(JOIN, ...many.map((group) => group + 100 * round)));
  }
  await pass(w, PACE_MS);
  expect(groupsOf(w)).toHaveLength(64);
  await tell(w, report4(JOIN, 0x101), 'h1', 2);
  expect(groupsOf(w, 'q')).toEqual(['239.1.1.1']);
});

test('a port that changes its mind all the time is written some times a second', async () => {
  const w = await world();
  const { revision } = w.topology;
  for (let turn = 0; turn < 40; turn++) {
    await tell(w, report4(JOIN, 0x100 + turn));
    await pass(w, 25);
  }
  expect(w.topology.revision - revision).toBeLessThanOrEqual(1_000 / PACE_MS + 1);
  await pass(w, PACE_MS);
  expect(groupsOf(w)).toHaveLength(40);
});

test('what is too much for a host is not followed', async () => {
  const w = new ControllerWorld(INTENT, DEFAULT_HOST_LIMITS, INTERVAL_MS);
  await w.connect('h1', ['p', 'q']);
  const { flows } = w.topology.hostLoads.of('h1');
  const limited = new ControllerWorld(
    INTENT,
    { ...DEFAULT_HOST_LIMITS, flows: flows + 4 },
    INTERVAL_MS,
  );
  await limited.connect('h1', ['p', 'q']);
  await tell(limited, report4(JOIN, 0x101));
  await tell(limited, report4(JOIN, 0x102), 'h1', 2);
  await tell(limited, report4(JOIN, 0x101), 'h1', 2);
  await pass(limited, PACE_MS);
  expect(groupsOf(limited)).toEqual(['239.1.1.1']);
  expect(groupsOf(limited, 'q')).toBeUndefined();
});

test('a port that is unplugged listens to nothing', async () => {
  const w = await world();
  await tell(w, report4(JOIN, 0x101));
  w.show('h1', ['q']);
  await w.settle();
  expect(w.topology.get('binding', 'p')).toBeUndefined();
  expect(groupsOf(w)).toBeUndefined();
});

test('what a VM listens to goes with it, and it is asked where it comes to run', async () => {
  const w = await world();
  await w.connect('h2', []);
  await tell(w, report4(JOIN, 0x101));
  w.put(['binding/p', { ...binding('p', 'h1', 1), move: { ...PLACE, state: 'arriving' } }]);
  queries(w);
  await tell(w, report4(JOIN, 0x102), 'h2', 5);
  expect(groupsOf(w)).toEqual(['239.1.1.1']);
  w.put(['binding/p', { port_id: 'p', ...PLACE }]);
  expect(queries(w)).toEqual(['h2:5 IGMP', 'h2:5 MLD']);
  expect(groupsOf(w)).toEqual(['239.1.1.1']);
});

const PLACE = { host_id: 'h2', ofport: 5, interface_name: 'tap' };

test('who takes over a host knows what was recorded, and forgets what nobody confirms', async () => {
  const membership = { port_id: 'p', network_id: 'n', groups: ['239.1.1.1'] };
  const records: Records = {
    ...INTENT,
    'host/h1': host('h1', '198.18.0.49'),
    'binding/p': binding('p', 'h1', 1),
    'membership/p': membership,
  };
  const w = new ControllerWorld(records, undefined, INTERVAL_MS);
  await w.connect('h1', ['p', 'q']);
  await pass(w, LIFETIME_MS - TURN_MS);
  expect(groupsOf(w)).toEqual(['239.1.1.1']);
  await pass(w, 3 * TURN_MS);
  expect(groupsOf(w)).toBeUndefined();
});

test('what is no report, or of no port, writes nothing', async () => {
  const w = await world();
  const { revision } = w.topology;
  await tell(w, Buffer.alloc(60));
  await tell(w, report4(JOIN, 0x101).subarray(0, 45));
  await tell(w, report4(JOIN, 0x101), 'h1', 9);
  await tell(w, report4(LEAVE, 0x101));
  await pass(w, TURN_MS);
  expect(w.topology.revision).toBe(revision);
});
