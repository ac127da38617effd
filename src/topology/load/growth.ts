/**
 * What a write of a record can add to a host, at most, and to which hosts: from the record before
 * and after, and from sums, so that it costs what the write touches.
 */
import type { AddressGroup } from '../address-group.ts';
import { type Binding, hostsOf } from '../binding.ts';
import { hasNames } from '../dns.ts';
import { groupSetOf, groupsOfSet, NO_GROUPS } from '../group-places.ts';
import type { Intent } from '../intent.ts';
import type { LearnedMac } from '../learned-mac.ts';
import { hasLearners, learnsMacs } from '../mac-learning.ts';
import { groupIn, type Membership } from '../membership.ts';
import type { Network } from '../network.ts';
import type { NetworkLog } from '../network-log.ts';
import type { Port } from '../port.ts';
import { portsOfLog } from '../port-logs.ts';
import { portsOfPolicy } from '../port-qos.ts';
import type { QosRule } from '../qos.ts';
import type { AnyRecord, Kind } from '../records.ts';
import { type Clauses, clausesOf } from '../security-clauses.ts';
import type { SecurityGroup } from '../security-group.ts';
import type { SecurityGroupRule } from '../security-group-rule.ts';
import type { Subnet } from '../subnet.ts';
import {
  groupLoad,
  type Load,
  namingsOf,
  remoteFlows,
  ruleFlows,
  setFlows,
} from './group-flows.ts';
import {
  LEARNED_FLOWS,
  LEARNING_FLOWS,
  type LoadSource,
  NAMES_FLOWS,
  networkFlows,
  plus,
  STREAM_FLOWS,
} from './host-loads.ts';
import {
  type ByVersion,
  matchesOf,
  memberFlows,
  NO_FLOWS,
  portFlows,
  SUBPORT_FLOWS,
} from './port-flows.ts';
import {
  flowsOfEvents,
  offered,
  policyFlows,
  QOS_FLOWS_OF_RULE,
  serviceFlows,
} from './service-flows.ts';

/** A record as it is, and as it will be; undefined where it is not there. */
export interface RecordChange {
  readonly kind: Kind;
  readonly id: string;
  readonly before: AnyRecord | undefined;
  readonly after: AnyRecord | undefined;
}

/** So much more, at most, for each of some hosts. */
export interface Growth extends Load {
  readonly hosts: () => Iterable<string>;
}

/** What is there, and what will be once the whole change is written. */
export interface Times {
  readonly now: LoadSource;
  readonly next: Intent;
}

export function growthsOf(times: Times, change: RecordChange): Growth[] {
  return GROWTHS[change.kind]?.(times, change) ?? [];
}

/** Whether records of a kind cost hosts anything. */
export function isCostly(kind: Kind): boolean {
  return GROWTHS[kind] !== undefined;
}

/** One row a kind whose records cost something; before and after are records of it. */
const GROWTHS: Readonly<Partial<Record<Kind, (times: Times, change: RecordChange) => Growth[]>>> = {
  port: (times, { before, after }) => ofPort(times, before as Port, after as Port),
  binding: (times, { before, after }) => ofBinding(times, before as Binding, after as Binding),
  security_group: (times, { before, after }) =>
    ofGroup(times, before as SecurityGroup, after as SecurityGroup),
  security_group_rule: (times, { before, after }) =>
    ofRule(times, before as SecurityGroupRule, after as SecurityGroupRule),
  address_group: (times, { id, before, after }) =>
    ofAddressGroup(times, id, [before, after] as AddressGroup[]),
  subnet: (times, { after }) => ofSubnet(times, after as Subnet),
  log: (times, { after }) => ofLog(times, after as NetworkLog),
  qos_rule: (times, { after }) => ofQosRule(times, after as QosRule),
  network: (times, { before, after }) => ofNetwork(times, before as Network, after as Network),
  host: (_, { before }) => ofHost(before),
  membership: (times, { after }) => ofMembership(times, after as Membership),
  learned_mac: (times, { before, after }) =>
    ofLearned(times, before as LearnedMac, after as LearnedMac),
};

/** A port on a host, whether it is plugged in there or will be. */
export function plugged(times: Times, port: Port, hostId: string, before?: Port): Growth[] {
  const [is, was] = [portFlows(port), before && portFlows(before)];
  const policies = policyFlows(times.next, port) - (before ? policyFlows(times.now, before) : 0);
  // Where ports have names or learn, or one that comes with it does, each has a flow for that.
  const others = before === undefined ? 2 : 0;
  const own = is.local - (was?.local ?? 0) + Math.max(0, policies) + others;
  const more = plus({ flows: Math.max(0, own), clauses: 0 }, newOn(times, port, hostId));
  const remote = is.remote - (was?.remote ?? 0);
  const growths: Growth[] = [];
  if (more.flows > 0) growths.push({ ...more, hosts: () => [hostId] });
  if (remote > 0) {
    const hosts = () => times.now.holdersOfNetwork(port.network_id);
    growths.push({ flows: remote, clauses: 0, hosts });
  }
  return growths;
}

function ofPort(times: Times, before: Port | undefined, after: Port | undefined): Growth[] {
  if (after === undefined) return [];
  const binding = times.next.get('binding', after.id);
  const growths = [
    ...ofMember(times, before, after),
    ...ofName(times, after),
    ...ofLearner(times, after),
  ];
  if (binding === undefined || !after.admin_state_up) return growths;
  const hosts = hostsOf(binding);
  const wasThere = before?.admin_state_up === true && before.network_id === after.network_id;
  const was = wasThere ? before : undefined;
  growths.push(...hosts.flatMap((hostId) => plugged(times, after, hostId, was)));
  growths.push(...ofMove(after, hosts));
  return wasThere ? growths : [...growths, ...ofSubport(binding, hosts)];
}

/** The first name of a network: all its ports may be asked for by name from then on. */
function ofName({ now }: Times, { dns_name, network_id: networkId }: Port): Growth[] {
  if (dns_name === '' || hasNames(now, networkId)) return [];
  return ofEachHolder(now, networkId, NAMES_FLOWS);
}

/** The first port of a network that learns MAC addresses: what nobody has goes there. */
function ofLearner({ now }: Times, port: Port): Growth[] {
  if (!learnsMacs(port) || hasLearners(now, port.network_id)) return [];
  return ofEachHolder(now, port.network_id, LEARNING_FLOWS);
}

/** An address that nobody had. */
function ofLearned({ now }: Times, before?: LearnedMac, after?: LearnedMac): Growth[] {
  if (before !== undefined || after === undefined) return [];
  const hosts = () => now.holdersOfNetwork(after.network_id);
  return [{ flows: LEARNED_FLOWS, clauses: 0, hosts }];
}

/** So much for each host with ports of a network, and one flow more for what each of them asks. */
function ofEachHolder(now: LoadSource, networkId: string, flows: number): Growth[] {
  return [...now.holdersOfNetwork(networkId)].map((hostId) => ({
    flows: flows + now.heldPorts(networkId, hostId).size,
    clauses: 0,
    hosts: () => [hostId],
  }));
}

function ofBinding(times: Times, before: Binding | undefined, after?: Binding): Growth[] {
  const port = after && times.next.get('port', after.port_id);
  if (after === undefined || port?.admin_state_up !== true) return [];
  const held = hostsOf(before);
  const hosts = hostsOf(after);
  const added = hosts.filter((hostId) => !held.includes(hostId));
  return [
    ...added.flatMap((hostId) => plugged(times, port, hostId)),
    ...ofMove(port, hosts),
    ...ofSubport(after, before?.wire === undefined ? hosts : added),
  ];
}

/** At most: what it has of that before is not taken off. */
function ofMove(port: Port, hosts: readonly string[]): Growth[] {
  const { moving } = portFlows(port);
  if (hosts.length < 2 || moving === 0) return [];
  return hosts.map((hostId) => ({ flows: moving, clauses: 0, hosts: () => [hostId] }));
}

function ofSubport({ wire }: Binding, hosts: readonly string[]): Growth[] {
  if (wire === undefined) return [];
  return hosts.map((hostId) => ({ flows: SUBPORT_FLOWS, clauses: 0, hosts: () => [hostId] }));
}

/** What a host must have for a port that it has for no other. */
function newOn(times: Times, port: Port, hostId: string): Load {
  const { now } = times;
  const carried = now.networksOfHost(hostId);
  const { network_id: networkId } = port;
  // A host that carries its first network has a flow for each of its peers.
  const peers = carried.size === 0 ? now.count('host') : 0;
  const services = serviceFlows(times.next, networkId) - serviceFlows(now, networkId);
  // Names may come with the port, or with another in the same change.
  const names = hasNames(now, networkId) ? 0 : NAMES_FLOWS;
  const learning = hasLearners(now, networkId) ? 0 : LEARNING_FLOWS;
  const network = networkFlows(now, networkId) + Math.max(0, services) + names + learning;
  const flows = carried.has(networkId) ? 0 : network + peers;
  const set = groupSetOf(port);
  let more: Load = { flows, clauses: 0 };
  if (set === undefined || set === NO_GROUPS || now.groupPlaces.setsOf(hostId).has(set))
    return more;
  const groups = groupsOfSet(set);
  const own = growthBetween(NO_FLOWS, memberFlows(port));
  more = plus(more, { flows: setFlows(groups.length), clauses: 0 });
  for (const id of groups) {
    if (now.groupPlaces.groupsOf(hostId).has(id)) continue;
    const clauses = clausesThen(times, id);
    more = plus(more, groupLoad(times.next, clauses));
    // The port itself may be among those that the rules of its groups name.
    more = plus(more, { flows: own * namingsOf(clauses, port.security_groups), clauses: 0 });
  }
  return more;
}

/** A port as one that rules name, by its groups. */
function ofMember({ now, next }: Times, before: Port | undefined, after: Port): Growth[] {
  const [is, was] = [memberFlows(after), before && memberFlows(before)];
  const growths: Growth[] = [];
  for (const groupId of after.security_groups) {
    const wasMember = was !== undefined && before?.security_groups.includes(groupId) === true;
    const had = wasMember ? was : NO_FLOWS;
    const more = growthBetween(had, is);
    if (more === 0) continue;
    const rules = next.members('rulesToGroup', groupId);
    if (rules.size > 0) growths.push(ofNaming(now, rules, more * rules.size));
  }
  return growths;
}

function ofAddressGroup({ now, next }: Times, id: string, records: AddressGroup[]): Growth[] {
  const [was, is] = records.map((record) => matchesOf(record?.addresses ?? []));
  const more = growthBetween(was ?? NO_FLOWS, is ?? NO_FLOWS);
  const rules = next.members('rulesToAddressGroup', id);
  return more === 0 || rules.size === 0 ? [] : [ofNaming(now, rules, more * rules.size)];
}

/** For the hosts of groups whose rules name something that has grown. */
function ofNaming(
  now: LoadSource,
  rules: ReadonlyMap<string, SecurityGroupRule>,
  flows: number,
): Growth {
  const hosts = function* () {
    const groups = new Set([...rules.values()].map((rule) => rule.security_group_id));
    for (const id of groups) yield* now.groupPlaces.hostsOf(id).keys();
  };
  return { flows, clauses: 0, hosts };
}

/** Where a rule for everything of everybody goes, others of its clause become a conjunction. */
function ofRule(
  { now, next }: Times,
  before: SecurityGroupRule | undefined,
  after: SecurityGroupRule | undefined,
): Growth[] {
  const rule = after ?? before;
  if (rule === undefined || (before !== undefined && after !== undefined)) return [];
  const hosts = () => now.groupPlaces.hostsOf(rule.security_group_id).keys();
  const flows = after === undefined ? 1 : ruleFlows(after) + 2 + namedFlows(next, after);
  return [{ flows, clauses: 1, hosts }];
}

function namedFlows(next: Intent, rule: SecurityGroupRule): number {
  const { remote_group_id: group, remote_address_group_id: addresses, ethertype } = rule;
  if (group !== null) return remoteFlows(next, { type: 'group', id: group })[ethertype];
  if (addresses === null) return 0;
  return remoteFlows(next, { type: 'address-group', id: addresses })[ethertype];
}

/** Its rules may have been there before it. */
function ofGroup(times: Times, before?: SecurityGroup, group?: SecurityGroup): Growth[] {
  if (before !== undefined || group === undefined) return [];
  const { now, next } = times;
  const clauses = clausesOf(group, next.members('rulesOfGroup', group.id).values());
  const load = groupLoad(next, clauses);
  const hosts = () => now.groupPlaces.hostsOf(group.id).keys();
  return load.flows === 0 ? [] : [{ ...load, hosts }];
}

function ofNetwork({ now, next }: Times, before: Network | undefined, after?: Network): Growth[] {
  if (after === undefined) return [];
  const { id, qos_policy_id: policyId } = after;
  const growths: Growth[] = [];
  if (policyId !== null && policyId !== before?.qos_policy_id) {
    const rules = next.members('rulesOfQosPolicy', policyId).size;
    const portIds = next.members('portsOfNetwork', id).keys();
    growths.push(...ofEach(next, portIds, rules * QOS_FLOWS_OF_RULE));
  }
  if (!after.admin_state_up || before?.admin_state_up === true) return growths;
  const flows = networkFlows(now, id) + now.count('host');
  return [...growths, ...ofEachHolder(now, id, flows)];
}

function ofSubnet({ now }: Times, subnet: Subnet | undefined): Growth[] {
  if (subnet === undefined) return [];
  const hosts = () => now.holdersOfNetwork(subnet.network_id);
  return [{ flows: offered([subnet]), clauses: 0, hosts }];
}

/** Groups that nobody in the network has listened to before. */
function ofMembership({ now }: Times, after: Membership | undefined): Growth[] {
  if (after === undefined) return [];
  const { network_id: networkId, groups } = after;
  const added = groups.filter(
    (group) => now.members('listenersOfGroup', groupIn(networkId, group)).size === 0,
  );
  if (added.length === 0) return [];
  const hosts = () => now.holdersOfNetwork(networkId);
  return [{ flows: STREAM_FLOWS * added.length, clauses: 0, hosts }];
}

/** A peer of all others, at most. */
function ofHost(before: AnyRecord | undefined): Growth[] {
  return before === undefined ? [{ flows: 1, clauses: 0, hosts: () => [] }] : [];
}

/** For each host that has ports which the log looks at, as if no other looked at them. */
function ofLog({ next }: Times, log: NetworkLog | undefined): Growth[] {
  if (log?.enabled !== true) return [];
  const flows = flowsOfEvents({ accept: log.event !== 'DROP', drop: log.event !== 'ACCEPT' });
  return ofEach(next, portsOfLog(next, log), flows);
}

function ofQosRule({ next }: Times, rule: QosRule | undefined): Growth[] {
  if (rule === undefined) return [];
  return ofEach(next, portsOfPolicy(next, rule.qos_policy_id), QOS_FLOWS_OF_RULE);
}

/** So much for each of some ports, on their hosts. */
function ofEach(next: Intent, portIds: Iterable<string>, flows: number): Growth[] {
  const more = new Map<string, number>();
  for (const portId of portIds) {
    for (const hostId of hostsOf(next.get('binding', portId))) {
      more.set(hostId, (more.get(hostId) ?? 0) + flows);
    }
  }
  return [...more].map(([hostId, all]) => ({ flows: all, clauses: 0, hosts: () => [hostId] }));
}

function growthBetween(was: ByVersion, is: ByVersion): number {
  return Math.max(0, is.IPv4 - was.IPv4) + Math.max(0, is.IPv6 - was.IPv6);
}

function clausesThen({ now, next }: Times, groupId: string): Clauses {
  if (next === now) return now.clausesOf(groupId);
  const group = next.get('security_group', groupId);
  return group === undefined
    ? NO_CLAUSES
    : clausesOf(group, next.members('rulesOfGroup', groupId).values());
}

const NO_CLAUSES: Clauses = new Map();
