/**
 * DHCP messages as bytes (RFC 2131 section 2, RFC 2132): the fixed part of BOOTP, a magic number,
 * options. An option longer than 255 bytes goes as several of its code (RFC 3396).
 */
import {
  defineStruct,
  pad,
  Reader,
  text,
  u8,
  u16,
  u32,
  u48,
  Writer,
} from '../../openflow/wire/index.ts';

const FIXED = defineStruct('BOOTP', 236, {
  op: u8,
  hardwareType: u8,
  hardwareLength: u8,
  hops: u8,
  xid: u32,
  secs: u16,
  flags: u16,
  ciaddr: u32,
  yiaddr: u32,
  siaddr: u32,
  giaddr: u32,
  chaddr: u48,
  padding: pad(10),
  sname: text(64),
  file: text(128),
});

const MAGIC = 0x6382_5363;
const ETHERNET = 1;
const MAC_LENGTH = 6;

export const OP = { REQUEST: 1, REPLY: 2 } as const;
export const FLAG_BROADCAST = 0x8000;

/** Values of the option that says what a message is (RFC 2132 section 9.6). */
export const MESSAGE_TYPE = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
  INFORM: 8,
} as const;

/** Options that the server itself deals with. */
export const OPTION = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DNS_SERVER: 6,
  HOSTNAME: 12,
  DOMAIN_NAME: 15,
  MTU: 26,
  BROADCAST: 28,
  REQUESTED_ADDRESS: 50,
  LEASE_TIME: 51,
  MESSAGE_TYPE: 53,
  SERVER_ID: 54,
  PARAMETER_LIST: 55,
  MESSAGE: 56,
  MAX_SIZE: 57,
  T1: 58,
  T2: 59,
  CLIENT_ID: 61,
  TFTP_SERVER: 66,
  BOOTFILE: 67,
  USER_CLASS: 77,
  CLASSLESS_ROUTES: 121,
  IPXE: 175,
  /** Microsoft's, from before 121 had its number; the same content. */
  MS_CLASSLESS_ROUTES: 249,
  END: 255,
} as const;

type Fixed = Omit<ReturnType<typeof FIXED.read>, 'hardwareType' | 'hardwareLength' | 'hops'>;

/** Addresses are 32-bit numbers, 0 for none; `chaddr` a 48-bit one. */
export interface DhcpMessage extends Readonly<Fixed> {
  readonly options: ReadonlyMap<number, Buffer>;
}

/** Bytes of a message without options, its magic number and end included. */
export const DHCP_SIZE_MIN = FIXED.size + 5;

const OPTION_LENGTH_MAX = 255;

/** Throws DecodeError for what is no DHCP message about an Ethernet address. */
export function decodeDhcp(bytes: Buffer): DhcpMessage {
  const reader = new Reader(bytes);
  const { hardwareType, hardwareLength, hops: _, ...fixed } = FIXED.read(reader);
  if (hardwareType !== ETHERNET || hardwareLength !== MAC_LENGTH) {
    throw reader.error('an Ethernet address', `type ${hardwareType}, ${hardwareLength} bytes`);
  }
  const magic = reader.u32();
  if (magic !== MAGIC) throw reader.error('the magic number of DHCP', magic);
  return { ...fixed, options: decodeOptions(reader) };
}

function decodeOptions(reader: Reader): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  while (reader.remaining > 0) {
    const code = reader.u8();
    if (code === OPTION.PAD) continue;
    if (code === OPTION.END) break;
    const value = reader.bytes(reader.u8());
    const before = options.get(code);
    options.set(code, before === undefined ? value : Buffer.concat([before, value]));
  }
  return options;
}

export function encodeDhcp(message: DhcpMessage): Buffer {
  const writer = new Writer(DHCP_SIZE_MIN + 256);
  const hardware = { hardwareType: ETHERNET, hardwareLength: MAC_LENGTH, hops: 0 };
  FIXED.write(writer, { ...message, ...hardware });
  writer.u32(MAGIC);
  for (const [code, value] of message.options) {
    for (const part of partsOf(value)) {
      writer.u8(code);
      writer.u8(part.length);
      writer.bytes(part);
    }
  }
  writer.u8(OPTION.END);
  return writer.take();
}

/** Bytes that an option takes in a message. */
export function optionSize(value: Buffer): number {
  return partsOf(value).reduce((sum, part) => sum + 2 + part.length, 0);
}

function partsOf(value: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(value.length / OPTION_LENGTH_MAX));
  return Array.from({ length: count }, (_, index) =>
    value.subarray(index * OPTION_LENGTH_MAX, (index + 1) * OPTION_LENGTH_MAX),
  );
}
