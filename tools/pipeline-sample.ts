/**
 * The flows that docs/pipeline.md shows: compiled when the document is, so that they cannot drift.
 */

import {
  binding,
  host,
  network,
  networkLog,
  port,
  securityGroup,
  securityGroupRule,
  subnet,
} from '../lab/records.ts';
import { topologyOf } from '../lab/topology.ts';
import { compileHost, DesiredState, switchConfig } from '../src/compiler/index.ts';
import { instructionsFromBytes } from '../src/openflow/instructions.ts';
import { decodeBands, decodeBucket } from '../src/openflow/messages/index.ts';
import { matchFromBytes } from '../src/openflow/oxm/index.ts';
import { formatActions, formatFlow, formatMeter } from '../src/openflow/text/index.ts';
import { Reader } from '../src/openflow/wire/index.ts';
import {
  type CompiledFlow,
  type CompiledGroup,
  type CompiledMeter,
  cookieOf,
  LearningHosts,
  LearningPorts,
  MacLearning,
  TABLE_NAMES,
  type Table,
  UnknownUnicast,
} from '../src/pipeline/index.ts';
import type { AnyRecord, RecordKey } from '../src/topology/index.ts';

const HOST_A = host('host-a', '198.18.0.1');
const LEARNS = { port_security_enabled: false, mac_learning_enabled: true };

/**
 * Network blue (VNI 101), with DHCP of both versions: port web on host-a, port db on host-b. Group
 * web lets in HTTP from everybody and pings from the members of group db; both groups let
 * everything out. A log looks at port web. Both listen to a multicast group, db to another besides.
 */
const RECORDS: readonly (readonly [RecordKey, AnyRecord])[] = [
  ['host/host-a', HOST_A],
  ['host/host-b', host('host-b', '198.18.0.2')],
  ['network/blue', network('blue', 101)],
  ['subnet/blue-4', subnet('blue-4', 'blue')],
  [
    'subnet/blue-6',
    subnet('blue-6', 'blue', {
      ip_version: 6,
      cidr: 'fd00::/64',
      ipv6_address_mode: 'dhcpv6-stateful',
      ipv6_ra_mode: 'dhcpv6-stateful',
    }),
  ],
  [
    'port/web',
    port(
      'web',
      { network: 'blue', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10', 'fd00::a'] },
      { security_groups: ['web'], dns_name: 'web' },
    ),
  ],
  [
    'port/db',
    port(
      'db',
      { network: 'blue', mac: '02:00:00:00:00:0b', ips: ['10.0.0.11', 'fd00::b'] },
      { security_groups: ['db'] },
    ),
  ],
  ['binding/web', binding('web', 'host-a', 3)],
  ['binding/db', binding('db', 'host-b', 4)],
  ['security_group/web', securityGroup('web', 1)],
  ['security_group/db', securityGroup('db', 2)],
  [
    'security_group_rule/http',
    securityGroupRule('http', 'web', { protocol: 'tcp', port_range_min: 80, port_range_max: 80 }),
  ],
  [
    'security_group_rule/ping',
    securityGroupRule('ping', 'web', { protocol: 'icmp', remote_group_id: 'db' }),
  ],
  ['security_group_rule/out', securityGroupRule('out', 'web', { direction: 'egress' })],
  ['log/log', networkLog('log', { target_id: 'web' })],
  ['membership/web', { port_id: 'web', network_id: 'blue', groups: ['239.1.1.1'] }],
  ['membership/db', { port_id: 'db', network_id: 'blue', groups: ['239.1.1.1', 'ff15::1'] }],
];

/**
 * Network green (VNI 102), where ports learn MAC addresses: nest on host-a, which has shown one
 * already, and far on host-b.
 */
const LEARNING_RECORDS: readonly (readonly [RecordKey, AnyRecord])[] = [
  ['host/host-a', HOST_A],
  ['host/host-b', host('host-b', '198.18.0.2')],
  ['network/green', network('green', 102)],
  ['port/nest', port('nest', { network: 'green', mac: '02:00:00:00:00:0c', ips: [] }, LEARNS)],
  ['port/far', port('far', { network: 'green', mac: '02:00:00:00:00:0d', ips: [] }, LEARNS)],
  ['binding/nest', binding('nest', 'host-a', 4)],
  ['binding/far', binding('far', 'host-b', 3)],
  [
    'learned_mac/green/02:00:00:00:01:01',
    { network_id: 'green', mac_address: '02:00:00:00:01:01', port_id: 'nest' },
  ],
];

const LEARNING_TABLES: readonly Table[] = [
  MacLearning,
  UnknownUnicast,
  LearningHosts,
  LearningPorts,
];

const CONJUNCTIONS = cookieOf('conjunctions', '');

export const SAMPLE_SETTINGS = switchConfig(HOST_A).settings;

/**
 * What host-a holds in one table, flow by flow, under the name of the unit that each belongs to.
 */
export function sampleFlows(table: Table): string[] {
  const state = sampleState(LEARNING_TABLES.includes(table) ? LEARNING_RECORDS : RECORDS);
  const shared = state.flowsOf(table.id).filter(({ cookie }) => cookie === CONJUNCTIONS);
  const owners = [
    ...[...state.units].map(([unit, { flows }]) => [unit, flows] as const),
    ['conjunctions', shared] as const,
  ];
  return owners.flatMap(([unit, flows]) => {
    const own = flows.filter((flow) => flow.table === table.id);
    return own.length === 0 ? [] : [`# ${unit}`, ...own.map(flowText)];
  });
}

export function sampleMarkers(): string[] {
  return sampleState().markers().map(flowText);
}

export function sampleGroups(): string[] {
  return [...sampleState().units].flatMap(([unit, { groups }]) =>
    groups.length === 0 ? [] : [`# ${unit}`, ...groups.map(groupText)],
  );
}

/** One line a meter. */
export function sampleMeters(): string[] {
  return [...sampleState().units].flatMap(([unit, { meters }]) =>
    meters.length === 0 ? [] : [`# ${unit}`, ...meters.map(meterText)],
  );
}

function sampleState(records = RECORDS): DesiredState {
  const state = new DesiredState();
  state.apply(compileHost(topologyOf(records), HOST_A.id));
  return state;
}

/** As `ovs-ofctl --names` prints it; cookies only where they say something by themselves. */
function flowText(flow: CompiledFlow): string {
  const match = matchFromBytes(flow.match);
  const instructions = instructionsFromBytes(flow.instructions);
  const { table, priority } = flow;
  return formatFlow({ table, priority, match, instructions }, { tableNames: TABLE_NAMES });
}

function groupText({ groupId, type, buckets }: CompiledGroup): string {
  const texts = buckets.map((bytes) => {
    const { bucketId, actions } = decodeBucket(new Reader(bytes));
    return `bucket=bucket_id:${bucketId},actions=${formatActions(actions)}`;
  });
  return [`group_id=${groupId}`, `type=${type}`, ...texts].join(',');
}

function meterText({ meterId, flags, bands }: CompiledMeter): string {
  const text = formatMeter({ meterId, flags, bands: decodeBands(new Reader(bands)) });
  return text.replaceAll('\n', ' ');
}
