/** Numbers in text: decimal, or hexadecimal after `0x`. */
import { TextError } from './text-error.ts';

/** Like printf's `%#x`: zero has no prefix. */
export function hex(value: number | bigint): string {
  return value === 0 || value === 0n ? '0' : `0x${value.toString(16)}`;
}

/** Hexadecimal with a prefix always, and at least `digits` digits. */
export function hexDigits(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** Bytes as the notes and user data of `ovs-ofctl`: pairs of digits with dots between. */
export function dottedHex(bytes: Buffer): string {
  return (bytes.toString('hex').match(/../g) ?? []).join('.');
}

/** Bytes from pairs of hexadecimal digits, with or without dots or spaces between them. */
export function parseHexBytes(text: string): Buffer {
  const digits = text.replace(/[.\s]/g, '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new TextError(`bad hex digits in "${text}"`);
  return Buffer.from(digits, 'hex');
}

/** A whole number from 0 to `max`. */
export function parseBig(text: string, max: bigint, what: string): bigint {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) throw new TextError(`bad ${what} "${text}"`);
  const value = BigInt(text);
  if (value > max) throw new TextError(`${what} ${text} is larger than ${max}`);
  return value;
}

/** A whole number from 0 to `max`, at most 2^53 - 1. */
export function parseNumber(text: string, max: number, what: string): number {
  return Number(parseBig(text, BigInt(max), what));
}

export const U8 = 0xff;
export const U16 = 0xffff;
export const U32 = 0xffff_ffff;
export const U64 = 0xffff_ffff_ffff_ffffn;
