/** A rule of a security group: one kind of traffic that is let through. */
import { formatCidr, parseCidr } from './address.ts';
import { protocolNumber } from './ip-protocols.ts';
import {
  BOOLEAN,
  type Created,
  changeable,
  derived,
  once,
  required,
  STANDARD,
  STRING,
  type Updated,
} from './validate/attributes.ts';
import {
  type Ethertype,
  emptyAsNull,
  readEthertype,
  readPort,
  readPrefix,
  readProtocol,
} from './validate/rule-values.ts';
import { oneOf, orNull, reader, text } from './validate/values.ts';

const DIRECTIONS = ['ingress', 'egress'] as const;

type Direction = (typeof DIRECTIONS)[number];

/** What a rule lets through: of a rule of a group, and of a template of such rules. */
export interface RuleMatch {
  readonly direction: Direction;
  readonly ethertype: Ethertype;
  /** A name of `IP_PROTOCOLS`, or a number as text; null is any. */
  readonly protocol: string | null;
  /** A port, or the type of an ICMP message. */
  readonly port_range_min: number | null;
  /** A port, or the code of an ICMP message. */
  readonly port_range_max: number | null;
  /** An address with a prefix length, its host bits as they were given. */
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
  readonly remote_address_group_id: string | null;
}

export interface SecurityGroupRule extends RuleMatch {
  readonly id: string;
  readonly project_id: string;
  readonly security_group_id: string;
  /** Null of rules that came with their group. */
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly revision_number: number;
  readonly created_at: string;
  readonly updated_at: string;
}

const ID_LENGTH_MAX = 36;

const remoteId = { initial: null, enforced: true } as const;

export const RULE_MATCH_ATTRIBUTES = {
  direction: required(oneOf(DIRECTIONS, text(16)), { enforced: true }),
  ethertype: once(readEthertype, { initial: 'IPv4', filter: 'read', enforced: true }),
  protocol: once(readProtocol, {
    initial: null,
    filter: 'read',
    enforced: true,
    about: 'a name or a number; legacy names of ICMPv6 are shown as `ipv6-icmp`',
  }),
  port_range_min: once(readPort, {
    initial: null,
    filter: 'read',
    enforced: true,
    about: 'or the ICMP type',
  }),
  port_range_max: once(readPort, {
    initial: null,
    filter: 'read',
    enforced: true,
    about: 'or the ICMP code',
  }),
  remote_ip_prefix: once(readPrefix, { initial: null, filter: 'read', enforced: true }),
  remote_group_id: once(emptyAsNull(text(ID_LENGTH_MAX)), remoteId),
  remote_address_group_id: once(emptyAsNull(text(ID_LENGTH_MAX)), remoteId),
} as const;

export const SECURITY_GROUP_RULE_ATTRIBUTES = {
  ...STANDARD,
  description: changeable(reader(orNull(STRING), text(255)), { initial: '', about: 'a label' }),
  security_group_id: required(text(ID_LENGTH_MAX)),
  ...RULE_MATCH_ATTRIBUTES,
  normalized_cidr: derived(orNull(STRING), { about: '`remote_ip_prefix` without host bits' }),
  belongs_to_default_sg: derived(BOOLEAN, {
    about: "whether its group is a project's default group",
  }),
} as const;

export type SecurityGroupRuleCreate = Created<typeof SECURITY_GROUP_RULE_ATTRIBUTES>;
export type SecurityGroupRuleUpdate = Updated<typeof SECURITY_GROUP_RULE_ATTRIBUTES>;

const ANY_ADDRESS: readonly (string | null)[] = [null, '0.0.0.0/0', '::/0'];

/** Equal for rules that say the same, however they spell it. */
export function matchKey(rule: RuleMatch): string {
  const { direction, ethertype, protocol, remote_ip_prefix: prefix } = rule;
  const remotes = [
    ANY_ADDRESS.includes(prefix) ? null : prefix,
    rule.remote_group_id,
    rule.remote_address_group_id,
  ];
  return [
    direction,
    ethertype,
    protocol === null ? null : protocolNumber(protocol),
    rule.port_range_min,
    rule.port_range_max,
    ...remotes,
  ]
    .map((part) => part ?? '-')
    .join(' ');
}

/** The network of a rule's remote prefix. */
export function normalizedCidr({ remote_ip_prefix: prefix }: RuleMatch): string | null {
  const cidr = prefix === null ? undefined : parseCidr(prefix);
  return cidr === undefined ? null : formatCidr(cidr);
}
