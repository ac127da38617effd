/**
 * Goal: a record that was kept is the record that was written, and a usual port is kept short.
 * Method: ports with usual and unusual members, alone and together, through text and back.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { network, port } from '../../../lab/records.ts';
import { readRecord, writeRecord } from '../../../src/store/record-text.ts';
import type { Port } from '../../../src/topology/index.ts';

const USUAL = port('p', { network: 'n', mac: '02:00:00:00:00:01', ips: ['10.0.0.2'] });

/** A value that is not the usual one, for each member. */
const UNUSUAL: Required<Omit<Port, 'id'>> = {
  network_id: 'other',
  project_id: 'somebody',
  name: 'a name',
  description: 'words',
  mac_address: '02:00:00:00:00:02',
  fixed_ips: [],
  admin_state_up: false,
  device_id: 'server',
  device_owner: 'compute:nova',
  port_security_enabled: false,
  mac_learning_enabled: true,
  security_groups: ['group'],
  allowed_address_pairs: [{ ip_address: '10.0.0.9', mac_address: '02:00:00:00:00:09' }],
  'binding:host_id': 'host',
  'binding:vnic_type': 'direct',
  'binding:profile': { switch: 'one' },
  extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: '1400', ip_version: 4 }],
  dns_name: 'web',
  dns_domain: 'example.org.',
  ip_allocation: 'none',
  propagate_uplink_status: false,
  data_plane_status: 'DOWN',
  device_profile: 'profile',
  numa_affinity_policy: 'required',
  qos_policy_id: 'policy',
  isolation: 'community',
  isolation_community: 'web',
  inactive_bindings: [{ host: 'other', vnic_type: 'normal', profile: {} }],
  tags: ['tag'],
  revision_number: 7,
  created_at: '2026-01-02T00:00:00Z',
  updated_at: '2026-01-03T00:00:00Z',
};
const NAMES = Object.keys(UNUSUAL) as (keyof typeof UNUSUAL)[];

test('whatever a port says comes back', () => {
  fc.assert(
    fc.property(fc.subarray(NAMES), (names) => {
      const record = {
        ...USUAL,
        ...Object.fromEntries(names.map((name) => [name, UNUSUAL[name]])),
      };
      expect(readRecord('port/p', writeRecord('port/p', record))).toEqual(record);
    }),
  );
});

test.each(NAMES)('an unusual %s comes back', (name) => {
  const record = { ...USUAL, [name]: UNUSUAL[name] };
  expect(readRecord('port/p', writeRecord('port/p', record))).toEqual(record);
});

test('what a port says as most do is not kept', () => {
  const text = writeRecord('port/p', USUAL);
  expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([
    'created_at',
    'fixed_ips',
    'id',
    'mac_address',
    'name',
    'network_id',
    'project_id',
    'revision_number',
    'updated_at',
  ]);
});

test('a port that was kept whole is read as well', () => {
  expect(readRecord('port/p', JSON.stringify(USUAL))).toEqual(USUAL);
});

test('another record is kept as it is', () => {
  const record = network('n', 7);
  expect(JSON.parse(writeRecord('network/n', record))).toEqual(record);
  expect(readRecord('network/n', writeRecord('network/n', record))).toEqual(record);
});
