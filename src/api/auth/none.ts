/**
 * `--auth none`: whoever reaches us may do everything. New resources go to the project that the
 * header names, or to one for those who name none.
 */
import type { Requester } from '../backend.ts';
import { badRequest } from '../error-table.ts';
import type { Authenticator } from './authenticator.ts';

const DEFAULT_PROJECT = 'default';
const PROJECT_PATTERN = /^[\w.:-]{1,255}$/;

export const noAuthentication: Authenticator = {
  authenticate(headers): Requester {
    const projectId = headers['x-project-id'] ?? '';
    if (projectId === '') return requester(DEFAULT_PROJECT);
    if (typeof projectId !== 'string' || !PROJECT_PATTERN.test(projectId)) {
      throw badRequest("X-Project-Id is not a project's id");
    }
    return requester(projectId);
  },
};

function requester(projectId: string): Requester {
  return { userId: 'none', projectId, isAdmin: true };
}
