/** A hash that only those can compute or guess who have its key (HMAC-SHA256, RFC 2104). */
import { createHmac } from 'node:crypto';

/** 32 bits of it. */
export type KeyedHash = (text: string) => number;

export function keyedHash(key: string): KeyedHash {
  return (text) => createHmac('sha256', key).update(text).digest().readUInt32BE(0);
}
