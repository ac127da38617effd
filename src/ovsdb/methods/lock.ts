/** `lock`, `steal` and `unlock` (RFC 7047 4.1.8), and the server's word about them (4.1.9, 10). */
import { DecodeError } from '../decode-error.ts';
import { isObject, member } from '../json.ts';
import type { PeerRequest } from '../wire/peer.ts';

/** Asks for a lock; false: another connection has it, and `locked` will tell when it is ours. */
export function lock(name: string): PeerRequest<boolean> {
  return { method: 'lock', params: [name], decode: decodeLocked };
}

/** Takes a lock, from another connection if need be. */
export function steal(name: string): PeerRequest<boolean> {
  return { method: 'steal', params: [name], decode: decodeLocked };
}

/** Gives a lock back, or the wish for it up. */
export function unlock(name: string): PeerRequest<void> {
  return { method: 'unlock', params: [name], decode: () => {} };
}

/** The lock that a `locked` or `stolen` notification is about. */
export function decodeLockName([name]: readonly unknown[]): string {
  if (typeof name !== 'string') throw new DecodeError('the name of a lock', name);
  return name;
}

function decodeLocked(result: unknown): boolean {
  const locked = isObject(result) ? member(result, 'locked') : undefined;
  if (typeof locked !== 'boolean') throw new DecodeError('the state of a lock', result);
  return locked;
}
