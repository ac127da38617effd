/**
 * OFPT_BUNDLE_CONTROL and OFPT_BUNDLE_ADD_MESSAGE (§7.3.9): a list of changes that is done as one.
 * `encodeBundleAdd` wraps one encoded message; `bundle-frames.ts` writes whole bundles.
 */
import { OFP_VERSION } from '../constants.ts';
import { defineStruct, pad, Reader, u16, u32, Writer } from '../wire/index.ts';
import { defineCodes } from './codes.ts';
import { defineMessage, HEADER_SIZE, MESSAGE_SIZE_MAX } from './define.ts';
import { readUnknown, type UnknownProperty, writeUnknown } from './properties.ts';

const OFPT_BUNDLE_CONTROL = 33;
const OFPT_BUNDLE_ADD_MESSAGE = 34;

const CONTROL = defineCodes('ofp_bundle_ctrl_type', {
  OFPBCT_OPEN_REQUEST: 0,
  OFPBCT_OPEN_REPLY: 1,
  OFPBCT_CLOSE_REQUEST: 2,
  OFPBCT_CLOSE_REPLY: 3,
  OFPBCT_COMMIT_REQUEST: 4,
  OFPBCT_COMMIT_REPLY: 5,
  OFPBCT_DISCARD_REQUEST: 6,
  OFPBCT_DISCARD_REPLY: 7,
});

/** Bits of a bundle's `flags`; every message of one bundle carries the same. */
export const OFPBF = { ATOMIC: 0x1, ORDERED: 0x2 } as const;

const BODY = defineStruct('ofp_bundle_ctrl_msg', 8, { bundleId: u32, control: u16, flags: u16 });
const ADD_BODY = defineStruct('ofp_bundle_add_msg', 8, {
  bundleId: u32,
  padding: pad(2),
  flags: u16,
});

/** Bytes that a bundle adds around each of its messages. */
export const BUNDLE_ADD_OVERHEAD = HEADER_SIZE + ADD_BODY.size;

/** The longest message that fits a bundle. */
export const BUNDLE_MEMBER_SIZE_MAX = MESSAGE_SIZE_MAX - BUNDLE_ADD_OVERHEAD;

export interface BundleControl {
  readonly type: 'OFPT_BUNDLE_CONTROL';
  readonly bundleId: number;
  readonly control: (typeof CONTROL.names)[number];
  /** `OFPBF` bits. */
  readonly flags: number;
  readonly properties: readonly UnknownProperty[];
}

export interface BundleAdd {
  readonly type: 'OFPT_BUNDLE_ADD_MESSAGE';
  readonly bundleId: number;
  readonly flags: number;
  /** The whole added message, header included; its xid must be that of this message. */
  readonly inner: Buffer;
}

export const bundleControl = defineMessage<BundleControl>({
  type: 'OFPT_BUNDLE_CONTROL',
  code: OFPT_BUNDLE_CONTROL,
  encode: (writer, message) => {
    BODY.write(writer, { ...message, control: CONTROL.code(message.control) });
    for (const property of message.properties) writeUnknown(writer, property);
  },
  decode: (reader) => {
    const fixed = BODY.read(reader);
    const control = CONTROL.name(fixed.control, reader);
    return { type: 'OFPT_BUNDLE_CONTROL', ...fixed, control, properties: readUnknown(reader) };
  },
});

/** Properties after the added message, all of them experimenters', are not kept. */
export const bundleAdd = defineMessage<BundleAdd>({
  type: 'OFPT_BUNDLE_ADD_MESSAGE',
  code: OFPT_BUNDLE_ADD_MESSAGE,
  encode: (writer, message) => {
    ADD_BODY.write(writer, message);
    writer.bytes(message.inner);
  },
  decode: (reader) => {
    const fixed = ADD_BODY.read(reader);
    const length = new Reader(reader.buffer, reader.offset, reader.end).u32() & 0xffff;
    if (length < HEADER_SIZE) throw reader.error('an added message of at least 8 bytes', length);
    return { type: 'OFPT_BUNDLE_ADD_MESSAGE', ...fixed, inner: reader.bytes(length) };
  },
});

/** Encodes a control message without properties. */
export function encodeBundleControl(
  { bundleId, control, flags }: Pick<BundleControl, 'bundleId' | 'control' | 'flags'>,
  xid: number,
): Buffer {
  const writer = new Writer(HEADER_SIZE + BODY.size);
  writer.u8(OFP_VERSION);
  writer.u8(OFPT_BUNDLE_CONTROL);
  writer.u16(HEADER_SIZE + BODY.size);
  writer.u32(xid);
  BODY.write(writer, { bundleId, control: CONTROL.code(control), flags });
  return writer.take();
}

/** Wraps one encoded message; both headers get `xid`, as the specification asks. */
export function encodeBundleAdd(
  bundleId: number,
  flags: number,
  inner: Buffer,
  xid: number,
): Buffer {
  const bytes = Buffer.allocUnsafe(BUNDLE_ADD_OVERHEAD + inner.length);
  writeBundleAdd(bytes, 0, { bundleId, flags, inner, xid });
  return bytes;
}

/** Writes one wrapped message into `target`, which has room for it, and gives the end offset. */
export function writeBundleAdd(
  target: Buffer,
  offset: number,
  member: { bundleId: number; flags: number; inner: Buffer; xid: number },
): number {
  const { bundleId, flags, inner, xid } = member;
  const length = BUNDLE_ADD_OVERHEAD + inner.length;
  target[offset] = OFP_VERSION;
  target[offset + 1] = OFPT_BUNDLE_ADD_MESSAGE;
  target.writeUInt16BE(length, offset + 2);
  target.writeUInt32BE(xid, offset + 4);
  target.writeUInt32BE(bundleId, offset + 8);
  target.writeUInt32BE(flags, offset + 12);
  target.set(inner, offset + BUNDLE_ADD_OVERHEAD);
  target.writeUInt32BE(xid, offset + BUNDLE_ADD_OVERHEAD + 4);
  return offset + length;
}
