/**
 * Random security groups, their rules, and address groups. What is deleted may still be referred to:
 * records come and go in any order.
 */
import { addressGroup, networkLog, securityGroup, securityGroupRule } from '../../lab/records.ts';
import type {
  AddressGroup,
  NetworkLog,
  Port,
  SecurityGroup,
  SecurityGroupRule,
} from '../../src/topology/index.ts';
import { type Draft, type Edit, editOne, list } from './world-draft.ts';
import type { SeededRandom } from './world-random.ts';

const GROUPS = 5;
const RULES = 24;
const ADDRESS_GROUPS = 3;
const LOGS = 4;

const addGroup: Edit = (random, draft) => {
  const index = 1 + random.integer(GROUPS);
  const id = `group-${index}`;
  if (draft.has(`security_group/${id}`)) return;
  // What comes again under an old name need not have the old number, but nobody else's.
  const number = index + 10 * random.integer(3);
  draft.set(`security_group/${id}`, securityGroup(id, number, { stateful: random.chance(0.7) }));
};

const addRule: Edit = (random, draft) => {
  const id = `rule-${1 + random.integer(RULES)}`;
  if (draft.has(`security_group_rule/${id}`)) return;
  const ethertype = random.pick(['IPv4', 'IPv6'] as const);
  const rule = securityGroupRule(id, groupId(random), {
    direction: random.pick(['ingress', 'egress']),
    ethertype,
    created_at: `2026-01-01T00:00:${10 + random.integer(50)}Z`,
    ...randomService(random, ethertype),
    ...randomRemote(random, ethertype),
  });
  draft.set(`security_group_rule/${id}`, rule);
};

const addAddressGroup: Edit = (random, draft) => {
  const id = addressGroupId(random);
  if (draft.has(`address_group/${id}`)) return;
  draft.set(`address_group/${id}`, addressGroup(id, randomAddresses(random)));
};

const editAddresses = editOne<AddressGroup>('address_group', (random, draft, old) => {
  draft.set(`address_group/${old.id}`, { ...old, addresses: randomAddresses(random) });
});

const editGroup = editOne<SecurityGroup>('security_group', (random, draft, old) => {
  const edits: readonly Partial<SecurityGroup>[] = [
    { stateful: !old.stateful },
    { name: `${old.name}+` },
  ];
  draft.set(`security_group/${old.id}`, { ...old, ...random.pick(edits) });
});

const describeRule = editOne<SecurityGroupRule>('security_group_rule', (_, draft, old) => {
  draft.set(`security_group_rule/${old.id}`, { ...old, description: `${old.description}+` });
});

const deleteGroup = editOne<SecurityGroup>('security_group', (random, draft, { id }) => {
  draft.delete(`security_group/${id}`);
  if (random.chance(0.5)) return;
  for (const rule of list<SecurityGroupRule>(draft, 'security_group_rule')) {
    if (rule.security_group_id === id) draft.delete(`security_group_rule/${rule.id}`);
  }
});

const deleteRule = editOne<SecurityGroupRule>('security_group_rule', (_, draft, { id }) => {
  draft.delete(`security_group_rule/${id}`);
});

const deleteAddressGroup = editOne<AddressGroup>('address_group', (random, draft, { id }) => {
  if (random.chance(0.5)) draft.delete(`address_group/${id}`);
});

const joinGroups = editOne<Port>('port', (random, draft, old) => {
  draft.set(`port/${old.id}`, { ...old, security_groups: randomGroups(random) });
});

const addLog: Edit = (random, draft) => {
  const id = `log-${1 + random.integer(LOGS)}`;
  const target_id = random.pick([...list<Port>(draft, 'port').map((port) => port.id), null]);
  const ends = random.pick<Partial<NetworkLog>>([
    // Of everything, which few do, of a group, of a port, and of a port in a group.
    { resource_id: groupId(random) },
    { resource_id: groupId(random), target_id },
    { target_id },
  ]);
  const event = random.pick(['ACCEPT', 'DROP', 'ALL'] as const);
  draft.set(`log/${id}`, networkLog(id, { ...ends, event }));
};

const restLog = editOne<NetworkLog>('log', (_, draft, old) => {
  draft.set(`log/${old.id}`, { ...old, enabled: !old.enabled });
});

const deleteLog = editOne<NetworkLog>('log', (_, draft, { id }) => {
  draft.delete(`log/${id}`);
});

/** What policies are made of, without a port that moves. */
export const SECURITY_EDITS: readonly Edit[] = [
  addGroup,
  addGroup,
  addRule,
  addRule,
  addRule,
  addAddressGroup,
  editAddresses,
  editGroup,
  describeRule,
  deleteGroup,
  deleteRule,
  deleteAddressGroup,
  joinGroups,
  joinGroups,
  addLog,
  restLog,
  deleteLog,
];

/** Adds most of what may exist. */
export function addSecurity(random: SeededRandom, draft: Draft): void {
  for (let i = 0; i < 10; i++) addGroup(random, draft);
  for (let i = 0; i < 5; i++) addAddressGroup(random, draft);
  for (let i = 0; i < 40; i++) addRule(random, draft);
  for (let i = 0; i < 3; i++) addLog(random, draft);
}

/** None, or up to three; few sets, so that ports share some. */
export function randomGroups(random: SeededRandom): string[] {
  const count = random.pick([0, 1, 1, 2, 3]);
  const all = Array.from({ length: GROUPS }, (_, index) => `group-${index + 1}`);
  return random.shuffle(all).slice(0, count);
}

type Service = Pick<SecurityGroupRule, 'protocol' | 'port_range_min' | 'port_range_max'>;

function randomService(
  random: SeededRandom,
  ethertype: SecurityGroupRule['ethertype'],
): Partial<Service> {
  const icmp = random.pick(ethertype === 'IPv4' ? ['icmp', '1'] : ['ipv6-icmp', 'icmp', '58']);
  const ports = random.pick<Partial<Service>>([
    {},
    { port_range_min: 53, port_range_max: 53 },
    { port_range_min: 80, port_range_max: 1001 },
    { port_range_min: 1, port_range_max: 65_535 },
  ]);
  const query = ethertype === 'IPv4' ? 8 : 128;
  const kind = random.pick<Partial<Service>>([
    {},
    { port_range_min: query },
    { port_range_min: query, port_range_max: 0 },
    { port_range_min: query, port_range_max: 3 },
    { port_range_min: 3 },
  ]);
  return random.pick<Partial<Service>>([
    {},
    {},
    { protocol: random.pick(['tcp', '6']), ...ports },
    { protocol: random.pick(['udp', '17']), ...ports },
    { protocol: 'udp', ...ports },
    { protocol: icmp, ...kind },
    { protocol: 'sctp', ...ports },
    { protocol: random.pick(['gre', '47']) },
    { protocol: random.pick(['udplite', 'dccp']), ...ports },
  ]);
}

function randomRemote(
  random: SeededRandom,
  ethertype: SecurityGroupRule['ethertype'],
): Partial<SecurityGroupRule> {
  const prefixes = PREFIXES[ethertype];
  return random.pick<Partial<SecurityGroupRule>>([
    {},
    {},
    { remote_ip_prefix: random.pick(prefixes) },
    { remote_group_id: groupId(random) },
    { remote_group_id: groupId(random) },
    { remote_address_group_id: addressGroupId(random) },
  ]);
}

/** The first of each is everybody; host bits are what people write. */
const PREFIXES = {
  IPv4: ['0.0.0.0/0', '10.0.0.0/28', '10.0.0.7/29', '10.0.0.3/32'],
  IPv6: ['::/0', 'fd00::/124', 'fd00::7/125', 'fd00::3/128', 'fe80::/10'],
} as const;

function randomAddresses(random: SeededRandom): string[] {
  const all = ['10.0.0.0/30', '10.0.0.8/29', '10.0.0.5/32', 'fd00::/126', 'fd00::5/128', '::/0'];
  return random.shuffle(all).slice(0, random.integer(4));
}

function groupId(random: SeededRandom): string {
  return `group-${1 + random.integer(GROUPS)}`;
}

function addressGroupId(random: SeededRandom): string {
  return `addresses-${1 + random.integer(ADDRESS_GROUPS)}`;
}
