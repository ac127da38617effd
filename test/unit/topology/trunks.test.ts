/**
 * Goal: a trunk's subports are distinct, tagged, free, and small enough; every refusal is Neutron's.
 * Method: the readers and rules over records; what Neutron says was looked up request by request.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  checkPortOfTrunk,
  extendedTrunk,
  freshTrunk,
  IntentError,
  type Network,
  type Port,
  readCreate,
  readSubportBody,
  reducedTrunk,
  TRUNK_ATTRIBUTES,
  type Trunk,
} from '../../../src/topology/index.ts';
import { LATER, refusal, uuid, World } from './world.ts';

let world: World;
let net: Network;
let ports: readonly Port[];

beforeEach(() => {
  world = new World();
  net = world.network();
  ports = Array.from({ length: 5 }, () => world.port(net));
});

const id = (at: number): string => ports[at]?.id ?? '';
const vlan = (at: number, segmentation_id: unknown = at) => ({
  port_id: id(at),
  segmentation_type: 'vlan',
  segmentation_id,
});

function context() {
  const { topology } = world;
  const findPort = (portId: string): Port => {
    const port = topology.get('port', portId);
    if (port === undefined) throw new IntentError('PortNotFound', portId);
    return port;
  };
  return { topology, findPort };
}

function trunk(parent: number, ...sub_ports: readonly object[]): Trunk {
  const given = readCreate(TRUNK_ATTRIBUTES, { port_id: id(parent), sub_ports });
  const made = freshTrunk(given, world.birth(), context());
  return world.save('trunk', made.id, made);
}

const extend = (of: Trunk, ...sub_ports: readonly object[]) =>
  extendedTrunk(of, readSubportBody({ sub_ports }), LATER, context());

describe('a trunk', () => {
  test('has a parent and subports', () => {
    expect(trunk(0, vlan(1), vlan(2, '7'))).toMatchObject({
      port_id: id(0),
      admin_state_up: true,
      sub_ports: [
        { port_id: id(1), segmentation_type: 'vlan', segmentation_id: 1 },
        { port_id: id(2), segmentation_type: 'vlan', segmentation_id: 7 },
      ],
      revision_number: 1,
    });
  });

  test('gets and loses subports, and counts it', () => {
    const made = trunk(0, vlan(1));
    const more = extend(made, vlan(2));
    expect(more.sub_ports).toHaveLength(2);
    expect(more.revision_number).toBe(2);
    const less = reducedTrunk(more, readSubportBody({ sub_ports: [{ port_id: id(1) }] }), LATER);
    expect(less.sub_ports.map(({ port_id }) => port_id)).toEqual([id(2)]);
    expect(refusal(() => reducedTrunk(less, [{ port_id: id(1) }], LATER))).toEqual([
      'SubPortNotFound',
      404,
      `SubPort ${id(1)} on trunk ${less.id} could not be found.`,
    ]);
  });

  test('keeps its ports from being deleted', () => {
    const made = trunk(0, vlan(1));
    expect(refusal(() => checkPortOfTrunk(world.topology, id(0)))[2]).toBe(
      `Port ${id(0)} is currently a parent port for trunk ${made.id}.`,
    );
    expect(refusal(() => checkPortOfTrunk(world.topology, id(1)))[2]).toBe(
      `Port ${id(1)} is currently a subport for trunk ${made.id}.`,
    );
    expect(() => checkPortOfTrunk(world.topology, id(2))).not.toThrow();
  });
});

describe('a port is of one trunk', () => {
  test('as a parent', () => {
    trunk(0, vlan(1));
    expect(refusal(() => trunk(0))[0]).toBe('ParentPortInUse');
    expect(refusal(() => trunk(1))[0]).toBe('TrunkPortInUse');
  });

  test('as a subport', () => {
    const made = trunk(0, vlan(1));
    const other = trunk(2);
    expect(refusal(() => extend(other, vlan(1)))[0]).toBe('TrunkPortInUse');
    expect(refusal(() => extend(other, vlan(0, 9)))[0]).toBe('ParentPortInUse');
    expect(refusal(() => extend(other, vlan(2)))[0]).toBe('ParentPortInUse');
    expect(refusal(() => extend(made, vlan(1, 9)))[0]).toBe('TrunkPortInUse');
  });
});

describe('a subport is refused', () => {
  test('whose tag the trunk has already', () => {
    const made = trunk(0, vlan(1));
    expect(refusal(() => extend(made, vlan(2, 1)))).toEqual([
      'DuplicateSubPort',
      409,
      `segmentation_type vlan and segmentation_id 1 already in use on trunk ${made.id}.`,
    ]);
  });

  test('that something is attached to', () => {
    const used = world.port(net, { device_id: 'vm' });
    const asked = { ...vlan(1), port_id: used.id };
    expect(refusal(() => extend(trunk(0), asked))[0]).toBe('PortInUse');
  });

  test('whose packets do not fit through the parent', () => {
    const wide = world.network({ mtu: 2000 });
    const asked = { ...vlan(1), port_id: world.port(wide).id };
    expect(refusal(() => extend(trunk(0), asked))[0]).toBe('SubPortMtuGreaterThanTrunkPortMtu');
  });

  test('that does not exist', () => {
    const asked = { ...vlan(1), port_id: uuid(999) };
    expect(refusal(() => extend(trunk(0), asked))[0]).toBe('PortNotFound');
  });

  test.each<[string, unknown, string]>([
    ['no list', {}, 'is not a list'],
    ['no object', ['x'], 'is not a dict'],
    ['no port', [{}], 'A valid port UUID must be specified'],
    ['no UUID', [{ port_id: 'x' }], "Invalid UUID for subport: 'x'"],
    ['a port twice', () => [vlan(1), vlan(1, 2)], 'Non unique UUID for subport'],
    ['a tag twice', () => [vlan(1), vlan(2, 1)], 'is not unique'],
    [
      'half of a tag',
      () => [{ port_id: id(1), segmentation_type: 'vlan' }],
      'missing segmentation',
    ],
    ['no tag', () => [{ port_id: id(1) }], 'missing segmentation'],
    ['another kind of tag', () => [{ ...vlan(1), segmentation_type: 'gre' }], 'Unknown segm'],
    ['a kind that is no word', () => [{ ...vlan(1), segmentation_type: 5 }], 'Unknown segm'],
    ['a tag that is no number', () => [vlan(1, 'x')], 'is not an integer'],
    ['a tag that is an object', () => [vlan(1, {})], 'is not an integer'],
    ['tag 0', () => [vlan(1, 0)], "'0' is not in range"],
    ['tag 4095', () => [vlan(1, 4095)], "'4095' is not in range"],
  ])('that names %s', (_, given, reason) => {
    const sub_ports = typeof given === 'function' ? given() : given;
    const made = trunk(0);
    const work = () => extendedTrunk(made, readSubportBody({ sub_ports }), LATER, context());
    const [type, status, message] = refusal(work);
    expect([type, status, message]).toEqual(['InvalidInput', 400, expect.stringContaining(reason)]);
  });
});

describe('inherit', () => {
  test('takes the tag of a VLAN network', () => {
    const provider = { 'provider:network_type': 'vlan', 'provider:physical_network': 'left' };
    const lan = world.network({ ...provider, 'provider:segmentation_id': 77, mtu: 1450 });
    const asked = { port_id: world.port(lan).id, segmentation_type: 'inherit' };
    expect(extend(trunk(0), asked).sub_ports).toEqual([
      { port_id: asked.port_id, segmentation_type: 'vlan', segmentation_id: 77 },
    ]);
    const other = { ...vlan(1, 77) };
    expect(refusal(() => extend(trunk(2), asked, other))[2]).toContain('is not unique');
  });

  test('is refused elsewhere', () => {
    const asked = { port_id: id(1), segmentation_type: 'inherit' };
    expect(refusal(() => extend(trunk(0), asked))[2]).toContain(
      "Unknown segmentation_type 'geneve'",
    );
  });
});

test('a trunk that is down gets no subports', () => {
  const made = { ...trunk(0), admin_state_up: false };
  expect(refusal(() => extend(made, vlan(1)))).toEqual([
    'TrunkDisabled',
    409,
    `Trunk ${made.id} is currently disabled.`,
  ]);
  // What is wrong with the request comes first, as Neutron has it.
  expect(refusal(() => extend(made, vlan(1, 0)))[0]).toBe('InvalidInput');
});
