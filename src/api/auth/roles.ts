/**
 * What roles mean here, as in Keystone: admin implies member, member implies reader. Any other role
 * means nothing.
 */
import type { Requester } from '../backend.ts';
import { HttpError } from '../error-table.ts';

export interface Identity {
  readonly userId: string;
  /** Absent for whoever acts on the whole system. */
  readonly projectId?: string | undefined;
  readonly isSystem?: boolean;
  readonly roles: readonly string[];
}

/** Throws 403 for whoever has no role, or no project to have it in. */
export function requesterOf({ userId, projectId, isSystem = false, roles }: Identity): Requester {
  const isAdmin = roles.includes('admin');
  const mayWrite = isAdmin || (roles.includes('member') && !isSystem);
  if (!mayWrite && !roles.includes('reader') && !roles.includes('member')) {
    const message = 'None of the roles admin, member and reader is given.';
    throw new HttpError('HTTPForbidden', message, { userId });
  }
  if (projectId === undefined && !isSystem) {
    const message = 'The token is not for a project, nor for the system.';
    throw new HttpError('HTTPForbidden', message, { userId });
  }
  const requester = { userId, projectId: projectId ?? '', isAdmin: isAdmin || isSystem };
  // Readers of the whole system see what operators see.
  return mayWrite ? requester : { ...requester, isReadOnly: true };
}
