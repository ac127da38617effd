/**
 * A whole bundle as few large buffers: open, one add for each member, close; or the adds, and the
 * commit. The members are encoded messages, which may be shared between many switches and are only
 * copied.
 */
import { assert } from '../../lib/assert.ts';
import {
  BUNDLE_ADD_OVERHEAD,
  BUNDLE_MEMBER_SIZE_MAX,
  encodeBundleControl,
  writeBundleAdd,
} from './bundle.ts';

/** Large enough to cost few writes, small enough that a slow switch does not hold much memory. */
const CHUNK_SIZE = 256 * 1024;

export interface BundleFrames {
  readonly bundleId: number;
  /** `OFPBF` bits. */
  readonly flags: number;
  /** Encoded messages, none longer than `BUNDLE_MEMBER_SIZE_MAX`. */
  readonly members: readonly Buffer[];
  /** Of the first member; the others, and what is behind them, get those after it. */
  readonly firstXid: number;
}

/**
 * Yields the open request with the adds, in chunks made only when they are asked for, then close.
 */
export function* encodeBundle(frames: BundleFrames): Generator<Buffer, void> {
  const { bundleId, flags, members, firstXid } = frames;
  yield encodeBundleControl({ bundleId, flags, control: 'OFPBCT_OPEN_REQUEST' }, firstXid - 1);
  yield* encodeMembers(frames);
  const control = 'OFPBCT_CLOSE_REQUEST';
  yield encodeBundleControl({ bundleId, flags, control }, firstXid + members.length);
}

/** As `encodeBundle`, to be done without a question: the first add opens it (§7.3.9.7). */
export function* encodeKnownBundle(frames: BundleFrames): Generator<Buffer, void> {
  const { bundleId, flags, members, firstXid } = frames;
  yield* encodeMembers(frames);
  const control = 'OFPBCT_COMMIT_REQUEST';
  yield encodeBundleControl({ bundleId, flags, control }, firstXid + members.length);
}

function* encodeMembers(frames: BundleFrames): Generator<Buffer, void> {
  const { members } = frames;
  let from = 0;
  while (from < members.length) {
    const { end, size } = nextChunk(members, from);
    yield encodeAdds(frames, { from, end, size });
    from = end;
  }
}

interface Chunk {
  readonly from: number;
  /** One past the last member. */
  readonly end: number;
  readonly size: number;
}

function nextChunk(members: readonly Buffer[], from: number): { end: number; size: number } {
  let end = from;
  let size = 0;
  while (end < members.length && size < CHUNK_SIZE) {
    const length = members[end]?.length ?? 0;
    assert(length <= BUNDLE_MEMBER_SIZE_MAX, 'a member of a bundle fits one message');
    size += BUNDLE_ADD_OVERHEAD + length;
    end += 1;
  }
  return { end, size };
}

function encodeAdds(frames: BundleFrames, { from, end, size }: Chunk): Buffer {
  const { bundleId, flags, members, firstXid } = frames;
  const chunk = Buffer.allocUnsafe(size);
  let offset = 0;
  for (let index = from; index < end; index++) {
    const inner = members[index] as Buffer;
    offset = writeBundleAdd(chunk, offset, { bundleId, flags, inner, xid: firstXid + index });
  }
  return chunk;
}
