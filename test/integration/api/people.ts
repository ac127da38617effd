/** Callers of an API that believes a header: an operator and projects, for tests of who may do what. */
import type { Authenticator } from '../../../src/api/index.ts';
import type { Controller } from './world.ts';

export type Who = 'admin' | 'alice' | 'bob' | 'dora' | 'erik';

/** Everybody has a project of their own name. */
export const believing: Authenticator = {
  authenticate: ({ 'x-user': user }) => {
    const name = String(user ?? 'admin');
    return { userId: name, projectId: name, isAdmin: name === 'admin' };
  },
};

/** Calls in somebody's name; paths are those behind `/v2.0/`. */
export function callsOf(controller: () => Controller, who: Who) {
  const headers = { 'x-user': who };
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
    controller().call(method, `/v2.0/${path}`, body, headers);
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: object) => call('POST', path, body),
    put: (path: string, body: object) => call('PUT', path, body),
    delete: (path: string) => call('DELETE', path),
    /** Creates a resource; anything but 201 fails the test. */
    make: async (singular: string, attributes: object, plural = `${singular}s`) => {
      const answer = await call('POST', plural, { [singular]: attributes });
      if (answer.status !== 201) throw new Error(`${singular}: ${JSON.stringify(answer.body)}`);
      return answer.body[singular];
    },
  };
}
