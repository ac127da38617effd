/** For tests about who may do what: an authenticator that believes a header. */
import type { Authenticator } from '../../../src/api/index.ts';
import type { Controller } from './world.ts';

/** Everybody has a project of their own name; `admin` is an operator. */
export const believing: Authenticator = {
  authenticate: ({ 'x-user': user }) => {
    const name = String(user ?? 'admin');
    return { userId: name, projectId: name, isAdmin: name === 'admin' };
  },
};

/** The calls of the Networking API in somebody's name. */
export function callsOf(controller: Controller, who: string) {
  const headers = { 'x-user': who };
  return {
    get: (path: string) => controller.call('GET', `/v2.0/${path}`, undefined, headers),
    post: (path: string, body: object) => controller.call('POST', `/v2.0/${path}`, body, headers),
    put: (path: string, body: object) => controller.call('PUT', `/v2.0/${path}`, body, headers),
    delete: (path: string) => controller.call('DELETE', `/v2.0/${path}`, undefined, headers),
  };
}
