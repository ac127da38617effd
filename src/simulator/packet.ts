/**
 * A packet as the fields that flows see (ovs-fields(7)), with its metadata. Absent reads as zero,
 * as in Open vSwitch, where a match on the field of another protocol never arises: it has its
 * prerequisites beside it.
 */
import { type FieldName, type FieldValue, fieldOf, type SubField } from '../openflow/oxm/index.ts';

export type PacketFields = { readonly [N in FieldName]?: FieldValue<N> };

type Value = number | bigint;

/** What belongs to the switch that holds the packet, and not to the packet. */
const METADATA =
  /^(in_port|metadata|x*reg\d+|tun_.*|ct_.*|pkt_mark|conj_id|actset_output|recirc_id)$/;

export class PacketState {
  readonly #values: Map<FieldName, Value>;

  constructor(values: Iterable<readonly [FieldName, Value]>) {
    this.#values = new Map(values);
  }

  static of(fields: PacketFields): PacketState {
    return new PacketState(Object.entries(fields) as [FieldName, Value][]);
  }

  copy(): PacketState {
    return new PacketState(this.#values);
  }

  get(field: FieldName): Value {
    return this.#values.get(field) ?? (fieldOf(field).wide ? 0n : 0);
  }

  number(field: FieldName): number {
    return Number(this.get(field));
  }

  set(field: FieldName, value: Value): void {
    this.#values.set(field, fieldOf(field).wide ? BigInt(value) : Number(value));
  }

  setMasked(field: FieldName, value: Value, mask: Value): void {
    const kept = BigInt(this.get(field)) & ~BigInt(mask);
    this.set(field, kept | (BigInt(value) & BigInt(mask)));
  }

  read({ field, offset, bits }: SubField): bigint {
    return (BigInt(this.get(field)) >> BigInt(offset)) & ones(bits);
  }

  write({ field, offset, bits }: SubField, value: bigint): void {
    this.setMasked(field, value << BigInt(offset), ones(bits) << BigInt(offset));
  }

  /** All fields, metadata included; zeros are left out. */
  fields(): PacketFields {
    return Object.fromEntries([...this.#values].filter(([, value]) => BigInt(value) !== 0n));
  }

  /** The packet itself, as it looks on a wire. */
  headers(): PacketFields {
    const headers = Object.entries(this.fields()).filter(([field]) => !METADATA.test(field));
    return Object.fromEntries(headers);
  }
}

function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}
