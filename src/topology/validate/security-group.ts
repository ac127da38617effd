/** Security groups: from a checked request to a record, and what forbids a change. */

import { groupNumberClaim } from '../claims.ts';
import type { DefaultSecurityGroupRule } from '../default-security-group-rule.ts';
import { PARENT } from '../default-security-group-rule.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import type { IpamContext } from '../ipam.ts';
import { GROUP_NUMBER_MAX } from '../security-clauses.ts';
import type { SecurityGroup, SecurityGroupCreate, SecurityGroupUpdate } from '../security-group.ts';
import type { RuleMatch, SecurityGroupRule } from '../security-group-rule.ts';
import { type Birth, born, touched } from './birth.ts';

const NUMBER_TRIES_MAX = 64;

/** A number that no group has, as far as the replica knows; the claim of the commit decides. */
export function pickGroupNumber({ topology, reservations, random }: IpamContext): number {
  for (let i = 0; i < NUMBER_TRIES_MAX; i++) {
    const number = 1 + random.integer(GROUP_NUMBER_MAX);
    const isTaken = topology.members('groupsByNumber', String(number)).size > 0;
    if (!isTaken && !reservations.has(groupNumberClaim(number))) return number;
  }
  throw intentError('NoSecurityGroupNumber', {});
}

export function freshGroup(
  given: SecurityGroupCreate,
  birth: Birth,
  number: number,
): SecurityGroup {
  return {
    name: given.name,
    description: given.description,
    stateful: given.stateful,
    is_default: false,
    number,
    ...born(birth, given),
  };
}

/** The group that a project has without asking for it. */
export function defaultGroup(projectId: string, birth: Birth, number: number): SecurityGroup {
  return {
    name: 'default',
    description: 'Default security group',
    stateful: true,
    is_default: true,
    number,
    ...born(birth, { project_id: projectId }),
  };
}

export function updatedGroup(
  intent: Intent,
  group: SecurityGroup,
  given: SecurityGroupUpdate,
  at: string,
): SecurityGroup {
  const turns = given.stateful !== undefined && given.stateful !== group.stateful;
  if (turns && hasPorts(intent, group.id)) throw intentError('SecurityGroupInUse', group);
  if (group.is_default && given.name !== undefined) {
    throw intentError('SecurityGroupCannotUpdateDefault', {});
  }
  return { ...group, ...given, ...touched(group, at) };
}

/** A group's record after one of its rules came or went. */
export function touchedGroup(group: SecurityGroup, at: string): SecurityGroup {
  return { ...group, ...touched(group, at) };
}

/** Ports forbid a group to go; a default group goes for operators only, and comes again. */
export function checkGroupDelete(intent: Intent, group: SecurityGroup, isAdmin: boolean): void {
  if (hasPorts(intent, group.id)) throw intentError('SecurityGroupInUse', group);
  if (group.is_default && !isAdmin) throw intentError('SecurityGroupCannotRemoveDefault', {});
}

function hasPorts(intent: Intent, groupId: string): boolean {
  return intent.members('portsOfGroup', groupId).size > 0;
}

/** The group that a port of the project gets when nobody says; none before there is one. */
export function defaultGroupOf(intent: Intent, projectId: string): SecurityGroup | undefined {
  const [group] = intent.members('defaultGroupOfProject', projectId).values();
  return group;
}

const ANYTHING: RuleMatch = {
  direction: 'egress',
  ethertype: 'IPv4',
  protocol: null,
  port_range_min: null,
  port_range_max: null,
  remote_ip_prefix: null,
  remote_group_id: null,
  remote_address_group_id: null,
};
const EGRESS = { ...ANYTHING, used_in_default_sg: true, used_in_non_default_sg: true };
const INGRESS = {
  ...ANYTHING,
  direction: 'ingress',
  remote_group_id: PARENT,
  used_in_default_sg: true,
  used_in_non_default_sg: false,
} as const;

/** What new groups begin with until an operator says otherwise, as ever with Neutron. */
export const FIRST_TEMPLATES: readonly Omit<DefaultSecurityGroupRule, 'id'>[] = [
  { ...EGRESS, description: 'everything goes out' },
  { ...EGRESS, ethertype: 'IPv6', description: 'everything goes out' },
  { ...INGRESS, description: 'members of the group hear each other' },
  { ...INGRESS, ethertype: 'IPv6', description: 'members of the group hear each other' },
];

/** Whether the templates are records; until then `FIRST_TEMPLATES` hold. */
export function hasTemplates(intent: Intent): boolean {
  return intent.get('seed', 'default_security_group_rule') !== undefined;
}

/** The rules that a new group begins with. */
export function firstRules(
  intent: Intent,
  group: SecurityGroup,
  births: () => Birth,
): SecurityGroupRule[] {
  return templatesFor(intent, group)
    .map((template) => matchFor(template, group))
    .filter((match) => hasRemotes(intent, match, group))
    .map((match) => ({
      security_group_id: group.id,
      description: null,
      ...match,
      ...born(births(), group),
    }));
}

function templatesFor(intent: Intent, { is_default }: SecurityGroup): readonly RuleMatch[] {
  if (hasTemplates(intent)) {
    return [...intent.members('templatesOf', is_default ? 'default' : 'other').values()];
  }
  return FIRST_TEMPLATES.filter((template) =>
    is_default ? template.used_in_default_sg : template.used_in_non_default_sg,
  );
}

function matchFor(template: RuleMatch, group: SecurityGroup): RuleMatch {
  const { remote_group_id: remote } = template;
  return {
    direction: template.direction,
    ethertype: template.ethertype,
    protocol: template.protocol,
    port_range_min: template.port_range_min,
    port_range_max: template.port_range_max,
    remote_ip_prefix: template.remote_ip_prefix,
    remote_group_id: remote === PARENT ? group.id : remote,
    remote_address_group_id: template.remote_address_group_id,
  };
}

/** A template that names a group that has gone since adds nothing. */
function hasRemotes(intent: Intent, match: RuleMatch, { id }: SecurityGroup): boolean {
  const { remote_group_id: group, remote_address_group_id: addresses } = match;
  return (
    (group === null || group === id || intent.get('security_group', group) !== undefined) &&
    (addresses === null || intent.get('address_group', addresses) !== undefined)
  );
}
