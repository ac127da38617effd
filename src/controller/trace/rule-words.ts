/** A rule of a security group as a sentence. */
import type { SecurityGroupRule, Topology } from '../../topology/index.ts';

/** As `ingress rule 3f… of group web: tcp 80 from anywhere`. */
export function ruleWords(rule: SecurityGroupRule, topology: Topology): string {
  const group = nameOf(topology, 'security_group', rule.security_group_id);
  const way = rule.direction === 'ingress' ? 'from' : 'to';
  const what = `${serviceWords(rule)} ${way} ${remoteWords(rule, topology)}`;
  return `${rule.direction} rule ${rule.id} of group ${group}: ${what}`;
}

function serviceWords(rule: SecurityGroupRule): string {
  const { protocol, ethertype, port_range_min: min, port_range_max: max } = rule;
  if (protocol === null) return `everything of ${ethertype}`;
  if (min === null) return protocol;
  if (protocol.includes('icmp')) {
    return `${protocol} type ${min}${max === null ? '' : ` code ${max}`}`;
  }
  return max === null || min === max ? `${protocol} ${min}` : `${protocol} ${min}–${max}`;
}

function remoteWords(rule: SecurityGroupRule, topology: Topology): string {
  const { remote_group_id: group, remote_address_group_id: addresses } = rule;
  if (group !== null) return `members of group ${nameOf(topology, 'security_group', group)}`;
  if (addresses !== null) return `addresses of ${nameOf(topology, 'address_group', addresses)}`;
  return rule.remote_ip_prefix ?? 'anywhere';
}

/** What people call a resource: its name, or its id when it has none. */
export function nameOf(
  topology: Topology,
  kind: 'security_group' | 'address_group' | 'network' | 'port',
  id: string,
): string {
  return topology.get(kind, id)?.name || id;
}
