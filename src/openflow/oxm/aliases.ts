/**
 * Fields that are other views of the bits of canonical fields. Open vSwitch itself never writes
 * them in a match of OpenFlow 1.5; a peer may, and so may our own callers. They are turned into
 * the canonical fields on the way in and on the way out.
 */
import type { FieldName } from './fields.ts';
import type { Value } from './values.ts';

/** Takes one canonical field of a match. A mask of zero says nothing and is to be left out. */
export type Put = (name: FieldName, value: Value, mask: Value) => void;

type Expand = (put: Put, value: Value, mask: Value) => void;

const ALIASES = new Map<FieldName, Expand>([
  ['vlan_tci', (put, value, mask) => expandTci(put, value as number, mask as number)],
  ['nw_tos', (put, value) => put('ip_dscp', (value as number) >>> 2, 0x3f)],
  ['nxm_in_port', (put, value) => put('in_port', port32(value as number), 0xffff_ffff)],
]);
for (let i = 0; i < 8; i++) addRegisters(`xreg${i}` as FieldName, 2 * i, 2);
for (let i = 0; i < 4; i++) addRegisters(`xxreg${i}` as FieldName, 4 * i, 4);

/** How a field is said with canonical ones; undefined of a field that is canonical itself. */
export function expansionOf(name: FieldName): Expand | undefined {
  return ALIASES.get(name);
}

const REGISTERS = Array.from({ length: 16 }, (_, i) => `reg${i}` as FieldName);

/** The name of register `number`, 0 … 15. */
export function registerName(number: number): FieldName {
  return REGISTERS[number] as FieldName;
}

/** A port number of OpenFlow 1.0, 16 bits wide, as one of 32 bits: reserved ones are at the top. */
export function port32(port: number): number {
  return port >= 0xff00 ? port + 0xffff_0000 : port;
}

/** The reverse of `port32`; undefined for a port that 16 bits cannot say. */
export function port16(port: number): number | undefined {
  if (port < 0xff00) return port;
  return port >= 0xffff_ff00 ? port - 0xffff_0000 : undefined;
}

/** A big view of `count` registers, the first of them in its most significant bits. */
function addRegisters(name: FieldName, first: number, count: number): void {
  ALIASES.set(name, (put, value, mask) => {
    for (let i = 0; i < count; i++) {
      const shift = BigInt(32 * (count - 1 - i));
      const part = (v: Value) => Number(((v as bigint) >> shift) & 0xffff_ffffn);
      put(registerName(first + i), part(value), part(mask));
    }
  });
}

/** The tag control information is PCP (3 bits), "present" (1 bit) and VID (12 bits). */
function expandTci(put: Put, value: number, mask: number): void {
  put('vlan_vid', value & 0x1fff, mask & 0x1fff);
  // Without a VLAN header there is no priority, as Open vSwitch sees it.
  if ((value & 0x1fff) !== 0 && mask >>> 13 === 7) put('vlan_pcp', value >>> 13, 7);
}
