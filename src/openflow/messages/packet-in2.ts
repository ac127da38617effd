/**
 * NXT_PACKET_IN2 (nicira-ext.h): Open vSwitch's packet-in, a list of properties. Unlike the
 * standard's it carries the `userdata` of the `controller` action that sent the packet.
 */
import { EXPERIMENTER } from '../constants.ts';
import { type Match, matchBytes, matchFromBytes } from '../oxm/index.ts';
import { type Reader, Writer } from '../wire/index.ts';
import { defineMessage } from './define.ts';
import { readProperties, type UnknownProperty, writeProperty, writeUnknown } from './properties.ts';

export interface PacketIn2 {
  readonly type: 'NXT_PACKET_IN2';
  readonly packet?: Buffer;
  /** Bytes of the packet on the wire, when `packet` holds fewer. */
  readonly fullLength?: number;
  readonly bufferId?: number;
  readonly tableId?: number;
  /** Of the flow that sent it; all ones when no flow did. */
  readonly cookie?: bigint;
  /** One of `OFPR`. */
  readonly reason?: number;
  /** in_port, tun_id, registers and so on as they were. */
  readonly metadata?: Match;
  readonly userdata?: Buffer;
  /** To be sent back unchanged in NXT_RESUME. */
  readonly continuation?: Buffer;
  readonly properties?: readonly UnknownProperty[];
}

interface Property<V> {
  readonly code: number;
  readonly read: (reader: Reader) => V;
  readonly write: (writer: Writer, value: V) => void;
}

type Codec<V> = Omit<Property<V>, 'code'>;
type Known = Omit<PacketIn2, 'type' | 'properties'>;

const u8: Codec<number> = { read: (r) => r.u8(), write: (w, v) => w.u8(v) };
const u32: Codec<number> = { read: (r) => r.u32(), write: (w, v) => w.u32(v) };
const raw: Codec<Buffer> = { read: (r) => r.bytes(r.remaining), write: (w, v) => w.bytes(v) };

/** One row a property, in the order in which Open vSwitch writes them. */
const PROPERTIES: { readonly [N in keyof Known]-?: Property<NonNullable<Known[N]>> } = {
  packet: { code: 0, ...raw },
  fullLength: { code: 1, ...u32 },
  bufferId: { code: 2, ...u32 },
  tableId: { code: 3, ...u8 },
  cookie: { code: 4, read: readAlignedU64, write: writeAlignedU64 },
  reason: { code: 5, ...u8 },
  metadata: { code: 6, read: readFieldList, write: writeFieldList },
  userdata: { code: 7, ...raw },
  continuation: { code: 8, ...raw },
};

type AnyProperty = Property<unknown>;
const ENTRIES = Object.entries(PROPERTIES) as [keyof Known, AnyProperty][];
const BY_CODE = new Map(ENTRIES.map(([name, row]) => [row.code, { name, row }]));

export const packetIn2 = defineMessage<PacketIn2>({
  type: 'NXT_PACKET_IN2',
  code: 30,
  experimenter: EXPERIMENTER.NICIRA,
  encode: (writer, message) => {
    for (const [name, row] of ENTRIES) {
      const value = message[name];
      if (value !== undefined) writeProperty(writer, row.code, () => row.write(writer, value));
    }
    for (const property of message.properties ?? []) writeUnknown(writer, property);
  },
  decode: (reader) => {
    const known: Record<string, unknown> = {};
    const properties: UnknownProperty[] = [];
    readProperties(reader, (code, value) => {
      const property = BY_CODE.get(code);
      if (property !== undefined) known[property.name] = property.row.read(value);
      else properties.push({ type: 'unknown', code, bytes: value.bytes(value.remaining) });
    });
    const others = properties.length > 0 ? { properties } : {};
    return { type: 'NXT_PACKET_IN2', ...(known as Known), ...others };
  },
});

/** 64-bit values of properties lie on 8 bytes: 4 of padding after the property's header. */
function readAlignedU64(reader: Reader): bigint {
  reader.skip(4);
  return reader.u64();
}

function writeAlignedU64(writer: Writer, value: bigint): void {
  writer.zero(4);
  writer.u64(value);
}

const MATCH_HEADER = 4;
const OFPMT_OXM = 1;

/**
 * The property holds the fields of a match alone, without the header and padding of `ofp_match`.
 */
function readFieldList(reader: Reader): Match {
  const writer = new Writer(MATCH_HEADER + reader.remaining + 8);
  writer.u16(OFPMT_OXM);
  writer.u16(MATCH_HEADER + reader.remaining);
  writer.bytes(reader.bytes(reader.remaining));
  writer.align8(0);
  return matchFromBytes(writer.take());
}

function writeFieldList(writer: Writer, match: Match): void {
  const bytes = matchBytes(match);
  writer.bytes(bytes.subarray(MATCH_HEADER, bytes.readUInt16BE(2)));
}
