/**
 * Rules of security groups, and templates of them: what no single attribute shows to be wrong, in
 * Neutron's order, and what is stored in the place of what was said.
 */
import { parseAddress, versionOf } from '../address.ts';
import type {
  DefaultSecurityGroupRule,
  DefaultSecurityGroupRuleCreate,
} from '../default-security-group-rule.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import { IP_PROTOCOLS, protocolNumber } from '../ip-protocols.ts';
import { CLAUSES_MAX, clauseKey } from '../security-clauses.ts';
import {
  matchKey,
  type RuleMatch,
  type SecurityGroupRule,
  type SecurityGroupRuleCreate,
  type SecurityGroupRuleUpdate,
} from '../security-group-rule.ts';
import { type Birth, born, touched } from './birth.ts';

const PORT_PROTOCOLS = ['dccp', 'sctp', 'tcp', 'udp', 'udplite'] as const;
const IPV6_PROTOCOLS = [
  'ipv6-encap',
  'ipv6-frag',
  'ipv6-icmp',
  'ipv6-nonxt',
  'ipv6-opts',
  'ipv6-route',
] as const;
const PORT_NUMBERS: readonly number[] = PORT_PROTOCOLS.map((name) => IP_PROTOCOLS[name]);
const IPV6_NUMBERS: readonly number[] = IPV6_PROTOCOLS.map((name) => IP_PROTOCOLS[name]);
const ICMP_NUMBERS: readonly number[] = [IP_PROTOCOLS.icmp, IP_PROTOCOLS['ipv6-icmp']];
const ICMP_MAX = 255;
const FIRST_PORT = 1;
const LAST_PORT = 65_535;

export function freshRule(given: SecurityGroupRuleCreate, birth: Birth): SecurityGroupRule {
  return {
    security_group_id: given.security_group_id,
    description: given.description,
    ...checkedMatch(given),
    ...born(birth, given),
  };
}

/**
 * The remotes that a group's rules name are numbered on the switches, and there is no number past
 * the last: what would not be enforced is not taken.
 */
export function checkClauses(intent: Intent, rule: SecurityGroupRule): void {
  const rules = intent.members('rulesOfGroup', rule.security_group_id);
  if (rules.size < CLAUSES_MAX) return;
  const clauses = new Set([...rules.values(), rule].map(clauseKey));
  if (clauses.size <= CLAUSES_MAX) return;
  throw intentError('SecurityGroupRemotesExceeded', {
    id: rule.security_group_id,
    count: clauses.size,
    most: CLAUSES_MAX,
  });
}

export function updatedRule(
  rule: SecurityGroupRule,
  given: SecurityGroupRuleUpdate,
  at: string,
): SecurityGroupRule {
  return { ...rule, ...given, ...touched(rule, at) };
}

export function freshTemplate(
  given: DefaultSecurityGroupRuleCreate,
  { id }: Birth,
): DefaultSecurityGroupRule {
  return {
    id,
    description: given.description,
    ...checkedMatch(given),
    used_in_default_sg: given.used_in_default_sg,
    used_in_non_default_sg: given.used_in_non_default_sg,
  };
}

/** What the rules of one request must have in common, and must not. */
export function checkRulesTogether(
  requests: readonly SecurityGroupRuleCreate[],
  projectId: string,
): void {
  const groups = new Set(requests.map((given) => given.security_group_id));
  if (groups.size > 1) throw intentError('SecurityGroupNotSingleGroupRules', {});
  const projects = new Set(requests.map((given) => given.project_id ?? projectId));
  if (projects.size > 1) throw intentError('SecurityGroupRulesNotSingleTenant', {});
  const keys = new Set(requests.map((given) => matchKey(checkedMatch(given))));
  if (keys.size < requests.length) throw intentError('DuplicateSecurityGroupRuleInPost', {});
}

function checkedMatch(given: RuleMatch): RuleMatch {
  const protocol = modernProtocol(given);
  const isEveryPort = given.port_range_min === FIRST_PORT && given.port_range_max === LAST_PORT;
  const match: RuleMatch = {
    direction: given.direction,
    ethertype: given.ethertype,
    protocol,
    port_range_min: isEveryPort ? null : given.port_range_min,
    port_range_max: isEveryPort ? null : given.port_range_max,
    remote_ip_prefix: given.remote_ip_prefix,
    remote_group_id: given.remote_group_id,
    remote_address_group_id: given.remote_address_group_id,
  };
  checkPorts(match);
  checkPrefix(match);
  checkProtocol(match);
  checkRemotes(match);
  return match;
}

/** The protocol under the name, or with the number, that it has over IPv6. */
function modernProtocol({ ethertype, protocol }: RuleMatch): string | null {
  if (ethertype === 'IPv4') return protocol;
  if (protocol === 'icmp' || protocol === 'icmpv6') return 'ipv6-icmp';
  return protocol === String(IP_PROTOCOLS.icmp) ? String(IP_PROTOCOLS['ipv6-icmp']) : protocol;
}

function checkPorts(match: RuleMatch): void {
  const { port_range_min: min, port_range_max: max, protocol } = match;
  if (min === null && max === null) return;
  if (protocol === null) throw intentError('SecurityGroupProtocolRequiredWithPorts', {});
  const number = protocolNumber(protocol);
  if (PORT_NUMBERS.includes(number)) return checkPortRange(min, max);
  if (ICMP_NUMBERS.includes(number)) return checkIcmp(min, max);
  throw intentError('SecurityGroupInvalidProtocolForPort', {
    protocol: number,
    valid_port_protocols: PORT_PROTOCOLS.join(', ').toUpperCase(),
  });
}

function checkPortRange(min: number | null, max: number | null): void {
  if (min === 0 || max === 0) throw intentError('SecurityGroupInvalidPortValue', { port: 0 });
  if (min === null || max === null || min > max) {
    throw intentError('SecurityGroupInvalidPortRange', {});
  }
}

function checkIcmp(type: number | null, code: number | null): void {
  checkIcmpValue('type', 'port_range_min', type);
  checkIcmpValue('code', 'port_range_max', code);
  if (type === null) throw intentError('SecurityGroupMissingIcmpType', { value: code ?? '' });
}

function checkIcmpValue(field: string, attr: string, value: number | null): void {
  if (value === null || value <= ICMP_MAX) return;
  throw intentError('SecurityGroupInvalidIcmpValue', { field, attr, value });
}

function checkPrefix({ ethertype, remote_ip_prefix: cidr }: RuleMatch): void {
  if (cidr === null) return;
  const address = parseAddress(cidr.replace(/\/.*/, ''));
  if (address !== undefined && ethertype === `IPv${versionOf(address)}`) return;
  throw intentError('SecurityGroupRuleParameterConflict', { ethertype, cidr });
}

function checkProtocol({ ethertype, protocol }: RuleMatch): void {
  if (ethertype === 'IPv6' || protocol === null) return;
  if (!IPV6_NUMBERS.includes(protocolNumber(protocol))) return;
  throw intentError('SecurityGroupEthertypeConflictWithProtocol', { ethertype, protocol });
}

function checkRemotes(match: RuleMatch): void {
  const remotes = [match.remote_ip_prefix, match.remote_group_id, match.remote_address_group_id];
  if (remotes.filter((remote) => remote !== null).length > 1) {
    throw intentError('SecurityGroupMultipleRemoteEntites', {});
  }
}
