/** The security groups of a port: which it has, and which it may have together. */
import type { Intent } from '../intent.ts';
import { intentError, invalidInput } from '../intent-error.ts';
import type { Port, PortCreate, PortUpdate } from '../port.ts';
import type { SecurityGroup } from '../security-group.ts';
import { defaultGroupOf } from './security-group.ts';

const NO_GROUPS: readonly string[] = [];

/** Ports of the network itself (DHCP, routers) are trusted, and in no group. */
export function isTrusted({ device_owner }: { readonly device_owner: string }): boolean {
  return device_owner.startsWith('network:');
}

/** The groups of a new port: those that it asks for, else its project's default group. */
export function firstGroups(
  intent: Intent,
  given: PortCreate,
  port: { readonly projectId: string; readonly secured: boolean },
): readonly string[] {
  if (given.security_groups !== undefined) return given.security_groups;
  const group = port.secured ? defaultGroupOf(intent, port.projectId) : undefined;
  return group === undefined ? NO_GROUPS : [group.id];
}

/**
 * Groups do nothing without port security: neither may look as if it protected something. With it
 * there is nothing to learn, for only known addresses pass.
 */
export function checkPortSecurity(port: Port, given: PortCreate | PortUpdate): void {
  if (port.port_security_enabled) {
    if (!port.mac_learning_enabled) return;
    throw invalidInput('MAC learning needs port security to be off');
  }
  if (port.allowed_address_pairs.length > 0) {
    throw intentError('AddressPairAndPortSecurityRequired', {});
  }
  if (port.security_groups.length === 0) return;
  throw given.security_groups === undefined
    ? intentError('PortSecurityPortHasSecurityGroup', {})
    : intentError('PortSecurityAndIPRequiredForSecurityGroups', {});
}

/** Refuses groups that the requester cannot use, and stateful ones beside stateless ones. */
export function checkGroupsOfPort(
  intent: Intent,
  groupIds: readonly string[],
  isUsable: (group: SecurityGroup) => boolean,
): void {
  const missing: string[] = [];
  const kinds = new Set<boolean>();
  for (const id of groupIds) {
    const group = intent.get('security_group', id);
    if (group === undefined || !isUsable(group)) missing.push(id);
    else kinds.add(group.stateful);
  }
  if (missing.length > 0) throw intentError('SecurityGroupNotFound', { id: missing.join(', ') });
  if (kinds.size > 1) {
    const what = 'Cannot apply both stateful and stateless security groups';
    throw intentError('SecurityGroupConflict', {
      reason: `${what} on the same port at the same time`,
    });
  }
}
