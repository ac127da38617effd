/**
 * The hosts that get copies of what a network floods, in chunks, a group of the switch each. Where
 * a host is depends on its address and on how many chunks there are, so that all hosts of a network
 * have the same chunks but for the one that they are in themselves: a host that comes or goes
 * alters one group of each other, and nearly all of them the same one.
 *
 * Chunks come one at a time: a new one takes what it holds from one other (linear hashing: Litwin,
 * VLDB 1980).
 */
import { HOST_CHUNKS_MAX, hashText } from '../pipeline/index.ts';
import type { AddressValue } from '../topology/index.ts';

/** Tunnel addresses. */
export type HostChunk = readonly AddressValue[];

/** So many hosts are in a chunk on average, of networks of up to 1,024. */
const CHUNK_HOSTS = 16;

/** For so many hosts, without the one that the copies come from. */
export function chunkCount(hosts: number): number {
  return Math.min(Math.ceil(hosts / CHUNK_HOSTS), HOST_CHUNKS_MAX);
}

/** @param before chunks that stay as they are are the same objects */
export function inChunks(
  encaps: readonly AddressValue[],
  count: number,
  before: readonly HostChunk[] = [],
): readonly HostChunk[] {
  const chunks = Array.from({ length: count }, (): AddressValue[] => []);
  for (const encap of encaps) chunks[chunkOf(encap, count)]?.push(encap);
  return chunks.map((chunk, at) => {
    const old = before[at];
    return old !== undefined && isSame(old, chunk) ? old : chunk;
  });
}

/** The chunks as the host at `own` has them, which sends itself no copy. */
export function withoutOwn(chunks: readonly HostChunk[], own: AddressValue): readonly HostChunk[] {
  const at = chunkOf(own, chunks.length);
  return chunks.map((chunk, index) => (index === at ? without(chunk, own) : chunk));
}

/** As long as the chunk stays as it is, it is the same without a member, too. */
function without(chunk: HostChunk, own: AddressValue): HostChunk {
  const known = rests.get(chunk) ?? new Map<AddressValue, HostChunk>();
  const rest = known.get(own) ?? chunk.filter((encap) => encap !== own);
  rests.set(chunk, known.set(own, rest));
  return rest;
}

/** By chunk and the member that it is without. */
const rests = new WeakMap<HostChunk, Map<AddressValue, HostChunk>>();

function chunkOf(encap: AddressValue, count: number): number {
  const whole = 2 ** Math.ceil(Math.log2(count));
  const place = (hashText(String(encap)).lo >>> 0) % whole;
  return place < count ? place : place - whole / 2;
}

function isSame(one: HostChunk, other: HostChunk): boolean {
  return one.length === other.length && one.every((encap, at) => encap === other[at]);
}
