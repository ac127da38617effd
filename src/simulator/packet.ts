/**
 * A packet as the fields that flows see (ovs-fields(7)), with its metadata. Absent reads as zero,
 * as in Open vSwitch, where a match on the field of another protocol never arises: it has its
 * prerequisites beside it.
 */
import { type FieldName, type FieldValue, fieldOf, type SubField } from '../openflow/oxm/index.ts';
import type { Tracked } from './tracked.ts';

export type PacketFields = { readonly [N in FieldName]?: FieldValue<N> } & Payload;

/** What no flow can match, and connection tracking looks at. */
interface Payload {
  /** Bytes of the frame; absent: few. */
  readonly length?: number;
  /** Identifier of an ICMP query (echo, timestamp): tells two of them between two hosts apart. */
  readonly icmp_id?: number;
  /** The packet that an ICMP error is about, of which it carries the first bytes. */
  readonly quoted?: PacketFields;
}

type Value = number | bigint;

/** What belongs to the switch that holds the packet, and not to the packet. */
const METADATA =
  /^(in_port|metadata|x*reg\d+|tun_.*|ct_.*|pkt_mark|conj_id|actset_output|recirc_id)$/;

/** Bits of a register, as the wider fields that are views of several see them. */
const REGISTER_BITS = 32n;

export class PacketState {
  readonly payload: Payload;
  readonly #values: Map<FieldName, Value>;
  /** One for all copies that are the same packet to the datapath, and only differ in fields. */
  readonly #datapath: { tracked: Tracked | undefined };

  private constructor(
    values: Iterable<readonly [FieldName, Value]>,
    payload: Payload,
    datapath: { tracked: Tracked | undefined },
  ) {
    this.#values = new Map(values);
    this.payload = payload;
    this.#datapath = datapath;
  }

  static of({ length, icmp_id, quoted, ...fields }: PacketFields): PacketState {
    const payload = {
      ...(length === undefined ? {} : { length }),
      ...(icmp_id === undefined ? {} : { icmp_id }),
      ...(quoted === undefined ? {} : { quoted }),
    };
    const state = new PacketState([], payload, { tracked: undefined });
    for (const [field, value] of Object.entries(fields) as [FieldName, Value][]) {
      state.set(field, value);
    }
    return state;
  }

  /** The same packet with fields of its own, as a bucket of a group gets it. */
  copy(): PacketState {
    return new PacketState(this.#values, this.payload, this.#datapath);
  }

  /** Another packet that looks the same. */
  fork(): PacketState {
    return new PacketState(this.#values, this.payload, { ...this.#datapath });
  }

  /** What the last `ct` found: flows see it only in the table where the packet then goes on. */
  get tracked(): Tracked | undefined {
    return this.#datapath.tracked;
  }

  set tracked(tracked: Tracked | undefined) {
    this.#datapath.tracked = tracked;
  }

  get(name: FieldName): Value {
    const field = ALIASES.get(name) ?? name;
    const registers = VIEWS.get(field);
    if (registers === undefined) return this.#values.get(field) ?? (fieldOf(field).wide ? 0n : 0);
    return registers.reduce((all, name) => (all << REGISTER_BITS) | BigInt(this.get(name)), 0n);
  }

  number(field: FieldName): number {
    return Number(this.get(field));
  }

  set(name: FieldName, value: Value): void {
    const field = ALIASES.get(name) ?? name;
    const registers = VIEWS.get(field);
    if (registers === undefined) {
      this.#values.set(field, fieldOf(field).wide ? BigInt(value) : Number(value));
      return;
    }
    let rest = BigInt(value);
    for (const name of registers.toReversed()) {
      this.set(name, rest & ones(32));
      rest >>= REGISTER_BITS;
    }
  }

  setMasked(field: FieldName, value: Value, mask: Value): void {
    const kept = BigInt(this.get(field)) & ~BigInt(mask);
    this.set(field, kept | (BigInt(value) & BigInt(mask)));
  }

  isLarger(bytes: number): boolean {
    return (this.payload.length ?? 0) > bytes;
  }

  read({ field, offset, bits }: SubField): bigint {
    return (BigInt(this.get(field)) >> BigInt(offset)) & ones(bits);
  }

  write({ field, offset, bits }: SubField, value: bigint): void {
    this.setMasked(field, value << BigInt(offset), ones(bits) << BigInt(offset));
  }

  /** Takes fields away; they read as zero then. */
  clear(fields: readonly FieldName[]): void {
    for (const field of fields) this.#values.delete(field);
  }

  /** The packet itself, as it looks on a wire; zeros are left out. */
  headers(): PacketFields {
    const headers = [...this.#values].filter(
      ([field, value]) => BigInt(value) !== 0n && !METADATA.test(field),
    );
    return { ...Object.fromEntries(headers), ...this.payload };
  }
}

/** Fields that are another in fewer bits. */
const ALIASES: ReadonlyMap<FieldName, FieldName> = new Map([['nxm_in_port', 'in_port']]);

/** Fields that show several registers as one number, the first in its most significant bits. */
const VIEWS: ReadonlyMap<FieldName, readonly FieldName[]> = new Map([
  ...Array.from({ length: 8 }, (_, i) => viewOf(`xreg${i}`, 2 * i, 2)),
  ...Array.from({ length: 4 }, (_, i) => viewOf(`xxreg${i}`, 4 * i, 4)),
]);

function viewOf(name: string, first: number, count: number): [FieldName, FieldName[]] {
  const registers = Array.from({ length: count }, (_, i) => `reg${first + i}` as FieldName);
  return [name as FieldName, registers];
}

function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}
