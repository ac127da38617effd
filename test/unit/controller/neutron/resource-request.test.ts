/**
 * Goal: what a port asks of Placement is spelt so that Nova finds its allocations again.
 * Method: one port, its policy and its network; the expected id was made by Python's `uuid.uuid5`.
 */
import { expect, test } from 'vitest';
import { network, port } from '../../../../lab/records.ts';
import { resourceRequest } from '../../../../src/controller/neutron/resource-request.ts';
import { type QosRule, recordKey, Topology } from '../../../../src/topology/index.ts';

const PORT = '00000000-0000-4000-8000-000000000001';

test('a group is named after its port and its rules', () => {
  const topology = new Topology();
  const rules = [
    { id: 'rule-b', type: 'minimum_bandwidth', min_kbps: 2, direction: 'ingress' },
    { id: 'rule-a', type: 'minimum_bandwidth', min_kbps: 1, direction: 'egress' },
    { id: 'rule-c', type: 'bandwidth_limit', max_kbps: 9, max_burst_kbps: 0, direction: 'egress' },
  ].map((rule) => ({ qos_policy_id: 'q', ...rule }) as QosRule);
  const puts = rules.map((value) => ({ key: recordKey('qos_rule', value.id), value }));
  topology.apply({ revision: 1, at: '', puts, deletes: [] });
  const at = { network: 'n', mac: 'fa:16:3e:00:00:01', ips: [] };
  const left = { 'provider:physical_network': 'räck 1--a' };
  const ask = (of: Parameters<typeof network>[2]) =>
    resourceRequest(topology, port(PORT, at, { qos_policy_id: 'q' }), network('n', 1, of));
  const asked = ask(left);
  expect(asked).toEqual({
    request_groups: [
      {
        id: '3411f785-3544-50d2-8b48-a0c63813eda0',
        required: ['CUSTOM_PHYSNET_R_CK_1_A', 'CUSTOM_VNIC_TYPE_NORMAL'],
        resources: { NET_BW_EGR_KILOBIT_PER_SEC: 1, NET_BW_IGR_KILOBIT_PER_SEC: 2 },
      },
    ],
    same_subtree: ['3411f785-3544-50d2-8b48-a0c63813eda0'],
  });
  // That of Neutron's common constants.
  expect(ask({})?.request_groups).toEqual([
    {
      ...asked?.request_groups[0],
      required: ['CUSTOM_NETWORK_TUNNEL_PROVIDER', 'CUSTOM_VNIC_TYPE_NORMAL'],
    },
  ]);
});
