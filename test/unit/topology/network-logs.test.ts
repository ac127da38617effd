/**
 * Goal: logs become the records that Neutron would make of them, keep from going alone what they
 * are of, and are refused in Neutron's words and its order.
 * Method: bodies through the readers and rules that serve requests, on a small topology.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { port, securityGroup } from '../../../lab/records.ts';
import {
  checkNetworkLog,
  freshNetworkLog,
  NETWORK_LOG_ATTRIBUTES,
  readCreate,
  readUpdate,
  referencesOf,
  updatedNetworkLog,
} from '../../../src/topology/index.ts';
import { AT, LATER, refusal, uuid, World } from './world.ts';

const [GROUP, PORT, OTHER] = [uuid(1), uuid(2), uuid(3)];
let world: World;

beforeEach(() => {
  world = new World();
});

const read = (body: object) =>
  readCreate(NETWORK_LOG_ATTRIBUTES, { resource_type: 'security_group', ...body });
const fresh = (body: object = {}) => freshNetworkLog(read(body), world.birth());

describe('a log', () => {
  test('is of everything, and on, when it says no more', () => {
    const log = fresh();
    expect(log).toEqual({
      id: expect.any(String),
      project_id: 'tenant',
      name: '',
      description: '',
      enabled: true,
      resource_type: 'security_group',
      resource_id: null,
      target_id: null,
      event: 'ALL',
      revision_number: 1,
      created_at: AT,
      updated_at: AT,
    });
    expect(referencesOf('log', log)).toEqual([]);
  });

  test('refers to its group and its port', () => {
    const log = fresh({ resource_id: GROUP, target_id: PORT });
    expect(referencesOf('log', log)).toEqual([`security_group/${GROUP}`, `port/${PORT}`]);
  });

  test('counts and dates its changes', () => {
    const log = fresh();
    const given = readUpdate(NETWORK_LOG_ATTRIBUTES, { enabled: 'no', description: 'd' });
    expect(updatedNetworkLog(log, given, LATER)).toEqual({
      ...log,
      enabled: false,
      description: 'd',
      revision_number: 2,
      updated_at: LATER,
    });
  });

  test.each([
    ['firewall_group', 'InvalidLogResourceType', 'Invalid log resource_type: firewall_group.'],
    [5, 'HTTPBadRequest', "Invalid input for resource_type. Reason: '5' is not a valid string."],
  ])('of %j is refused', (resource_type, type, message) => {
    expect(refusal(() => read({ resource_type }))).toEqual([type, 400, message]);
  });
});

describe('of a group at a port', () => {
  const check = (body: object, isLoggable = true) =>
    checkNetworkLog(world.topology, fresh(body), () => isLoggable);

  beforeEach(() => {
    world.save('security_group', GROUP, securityGroup(GROUP));
    world.save('security_group', OTHER, securityGroup(OTHER));
    const at = { network: 'n', mac: 'fa:16:3e:00:00:01', ips: [] };
    world.save('port', PORT, port(PORT, at, { security_groups: [GROUP] }));
  });

  test.each([
    {},
    { resource_id: OTHER },
    { target_id: PORT },
    { resource_id: GROUP, target_id: PORT },
  ])('%j is made', (body) => {
    expect(() => check(body)).not.toThrow();
  });

  test.each([
    [OTHER, PORT, 'InvalidResourceConstraint', 400],
    [PORT, GROUP, 'ResourceNotFound', 404],
    [GROUP, OTHER, 'TargetResourceNotFound', 404],
  ])('%s at %s: %s', (resource_id, target_id, type, status) => {
    const [given, code] = refusal(() => check({ resource_id, target_id }));
    expect([given, code]).toEqual([type, status]);
  });

  test('what cannot be logged is refused before what does not belong together', () => {
    const ends = { resource_id: OTHER, target_id: PORT };
    const message = `Logging type security_group is not supported on port ${PORT}.`;
    expect(refusal(() => check(ends, false))).toEqual(['LoggingTypeNotSupported', 409, message]);
    expect(() => check({ resource_id: OTHER }, false)).not.toThrow();
  });
});
