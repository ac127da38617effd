/**
 * DHCPv6 messages as bytes (RFC 8415 sections 8 and 21): a type, a transaction, and options, some
 * of which hold options of their own.
 */
import { Reader, Writer } from '../../openflow/wire/index.ts';

export const MESSAGE_TYPE = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  INFORMATION_REQUEST: 11,
} as const;

/** Options that the server itself deals with. */
export const OPTION = {
  CLIENT_ID: 1,
  SERVER_ID: 2,
  IA_NA: 3,
  IA_TA: 4,
  IA_ADDRESS: 5,
  REQUESTED: 6,
  STATUS: 13,
  RAPID_COMMIT: 14,
  DNS_SERVERS: 23,
  DOMAIN_LIST: 24,
  IA_PD: 25,
} as const;

export interface Option6 {
  readonly code: number;
  readonly value: Buffer;
}

export interface Dhcp6Message {
  readonly type: number;
  /** 24 bits. */
  readonly transaction: number;
  readonly options: readonly Option6[];
}

/** An identity association: what a client calls one of its interfaces, with what it has there. */
export interface Association {
  readonly code: number;
  readonly iaid: number;
  readonly addresses: readonly bigint[];
}

/** Throws DecodeError. */
export function decodeDhcp6(bytes: Buffer): Dhcp6Message {
  const reader = new Reader(bytes);
  const type = reader.u8();
  const transaction = reader.u24();
  return { type, transaction, options: decodeOptions(reader) };
}

export function encodeDhcp6({ type, transaction, options }: Dhcp6Message): Buffer {
  const writer = new Writer(256);
  writer.u32(type * 2 ** 24 + transaction);
  writer.bytes(optionBytes(options));
  return writer.take();
}

export function optionBytes(options: readonly Option6[]): Buffer {
  const writer = new Writer(256);
  for (const { code, value } of options) {
    writer.u16(code);
    writer.u16(value.length);
    writer.bytes(value);
  }
  return writer.take();
}

function decodeOptions(reader: Reader): Option6[] {
  const options: Option6[] = [];
  while (reader.remaining > 0) {
    const code = reader.u16();
    options.push({ code, value: reader.bytes(reader.u16()) });
  }
  return options;
}

/** IA_TA has no times; of IA_PD, whose content are prefixes, no address is read. */
export function decodeAssociation({ code, value }: Option6): Association {
  const reader = new Reader(value);
  const iaid = reader.u32();
  if (code !== OPTION.IA_TA) reader.skip(8);
  const addresses = decodeOptions(reader)
    .filter((option) => option.code === OPTION.IA_ADDRESS)
    .map((option) => new Reader(option.value).u128());
  return { code, iaid, addresses };
}

/** Seconds; `renewS` and `rebindS` count for what has times. */
export interface Times {
  readonly renewS: number;
  readonly rebindS: number;
}

export function associationOption(
  { code, iaid }: Association,
  times: Times,
  options: readonly Option6[],
): Option6 {
  const writer = new Writer(64);
  writer.u32(iaid);
  if (code !== OPTION.IA_TA) {
    writer.u32(times.renewS);
    writer.u32(times.rebindS);
  }
  writer.bytes(optionBytes(options));
  return { code, value: writer.take() };
}

/** `lifetimeS`: preferred and valid alike. */
export function addressOption(address: bigint, lifetimeS: number): Option6 {
  const writer = new Writer(24);
  writer.u128(address);
  writer.u32(lifetimeS);
  writer.u32(lifetimeS);
  return { code: OPTION.IA_ADDRESS, value: writer.take() };
}

export const STATUS = {
  SUCCESS: 0,
  NO_ADDRESSES: 2,
  NOT_ON_LINK: 4,
  NO_PREFIX: 6,
} as const;

export function statusOption(status: number, text: string): Option6 {
  const writer = new Writer(64);
  writer.u16(status);
  writer.bytes(Buffer.from(text));
  return { code: OPTION.STATUS, value: writer.take() };
}
