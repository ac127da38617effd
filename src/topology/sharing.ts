/** Who may use what is another's: RBAC policies, asked. */
import type { Intent } from './intent.ts';
import { EVERYBODY, type RbacAction } from './rbac-policy.ts';

/** Whether an object is open to a project, by name or together with everybody. */
export function isShared(
  intent: Intent,
  objectId: string,
  projectId: string,
  action: RbacAction = 'access_as_shared',
): boolean {
  for (const policy of intent.members('policiesOfObject', objectId).values()) {
    const { target_tenant: target } = policy;
    if (policy.action === action && (target === EVERYBODY || target === projectId)) return true;
  }
  return false;
}
