/** Bits with names: ct_state, tcp_flags, tun_flags, and the five kinds of fragments. */
import { parseNumber } from './numbers.ts';
import { TextError } from './text-error.ts';

export interface FlagSet {
  /** Name of bit 0, bit 1, … */
  readonly names: readonly string[];
  /** The mask of a match on all of them, which is printed as `a|b`. */
  readonly all: number;
}

export const CT_STATE_FLAGS: FlagSet = {
  names: ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'],
  all: 0xff,
};

export const TCP_FLAGS: FlagSet = {
  names: ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr', 'ns', '[200]', '[400]', '[800]'],
  all: 0xfff,
};

export const TUN_FLAGS: FlagSet = { names: ['oam'], all: 1 };

/** `+a-b` where only some bits count, `a|b` where all do and others are 0. */
export function formatFlags(flags: FlagSet, value: number, mask: number): string {
  const bits = flags.names.map((name, i) => ({ name, bit: 1 << i }));
  if ((mask & flags.all) === flags.all) {
    const set = bits.filter(({ bit }) => (value & bit) !== 0);
    return set.length === 0 ? '0' : set.map(({ name }) => name).join('|');
  }
  return bits
    .filter(({ bit }) => (mask & bit) !== 0)
    .map(({ name, bit }) => `${(value & bit) === 0 ? '-' : '+'}${name}`)
    .join('');
}

/** Reads `+a-b`, `a|b`, `0`, `0x1/0x3`. */
export function parseFlags(flags: FlagSet, text: string): { value: number; mask: number } {
  if (/^\d/.test(text)) {
    const [value = '', mask] = text.split('/');
    return {
      value: parseNumber(value, flags.all, 'flags'),
      mask: mask === undefined ? flags.all : parseNumber(mask, 0xffff_ffff, 'flags') & flags.all,
    };
  }
  if (!/^[+-]/.test(text)) {
    const value = text.split('|').reduce((bits, name) => bits | bitOf(flags, name), 0);
    return { value, mask: flags.all };
  }
  const signed = text.match(/[+-][^+-]+/g) ?? [];
  if (signed.join('') !== text) throw new TextError(`bad flags "${text}"`);
  let [value, mask] = [0, 0];
  for (const each of signed) {
    const bit = bitOf(flags, each.slice(1));
    mask |= bit;
    if (each.startsWith('+')) value |= bit;
  }
  return { value, mask };
}

function bitOf(flags: FlagSet, name: string): number {
  const index = flags.names.indexOf(name);
  if (index < 0) throw new TextError(`unknown flag "${name}"`);
  return 1 << index;
}

/** `ip_frag`: bit 0 is "a fragment", bit 1 "not the first of its packet". */
const FRAGMENTS = [
  { name: 'no', value: 0, mask: 3 },
  { name: 'first', value: 1, mask: 3 },
  { name: 'later', value: 3, mask: 3 },
  { name: 'yes', value: 1, mask: 1 },
  { name: 'no', value: 0, mask: 1 },
  { name: 'later', value: 2, mask: 2 },
  { name: 'not_later', value: 0, mask: 2 },
] as const;

export function formatFrag(value: number, mask: number): string {
  return FRAGMENTS.find((f) => f.value === value && f.mask === mask)?.name ?? '<error>';
}

export function parseFrag(text: string): { value: number; mask: number } {
  const found = FRAGMENTS.find(({ name }) => name === text);
  if (found === undefined) throw new TextError(`unknown kind of fragment "${text}"`);
  return { value: found.value, mask: found.mask };
}
