/**
 * The connection tracker of Open vSwitch's userspace datapath (lib/conntrack.c, version 3.1),
 * without helpers, address translation and labels.
 */
import type { FieldName, Masked } from '../openflow/oxm/index.ts';
import { mayOpen, openConnection } from './connection.ts';
import type { PacketState } from './packet.ts';
import type { Connection, Tuple } from './tracked.ts';
import { type Evidence, evidenceOf, originalTuple, reverse, textOf } from './tuple.ts';

/** Bits of ct_state. */
export const CT_STATE = { NEW: 1, EST: 2, REL: 4, RPL: 8, INV: 16, TRK: 32 } as const;

const { NEW, EST, REL, RPL, INV, TRK } = CT_STATE;

export interface TrackOptions {
  readonly zone: number;
  /** Remember the connection, if the packet opens one. */
  readonly commit: boolean;
  /** Bits that the connection's mark gets. */
  readonly mark?: Masked<number> | undefined;
}

const NOTHING = { tuple: undefined, connection: undefined, seen: undefined };

/** Fields in which flows see what `Tracked` holds. */
const CT_FIELDS: readonly FieldName[] = [
  'ct_state',
  'ct_zone',
  'ct_mark',
  'ct_nw_src',
  'ct_nw_dst',
  'ct_ipv6_src',
  'ct_ipv6_dst',
  'ct_nw_proto',
  'ct_tp_src',
  'ct_tp_dst',
];

export class Conntrack {
  /** By zone, and by the text of the tuple that opened the connection. */
  readonly #zones = new Map<number, Map<string, Connection>>();

  /** Looks the packet up, takes note of it, and leaves what was found in `packet.tracked`. */
  track(packet: PacketState, options: TrackOptions): void {
    this.#look(packet, options);
    const connection = packet.tracked?.connection;
    const { mark } = options;
    if (connection === undefined || mark === undefined) return;
    connection.mark = ((connection.mark & ~mark.mask) | mark.value) >>> 0;
  }

  #look(packet: PacketState, options: TrackOptions): void {
    const { tracked } = packet;
    const { zone } = options;
    const evidence = evidenceOf(packet);
    const seen = evidence && textOf(evidence.tuple);
    const again = tracked?.zone === zone;
    // A packet counts once in a zone, however often it comes by, unless it has been rewritten.
    if (again && tracked.connection !== undefined && tracked.seen === seen) return;
    if (evidence === undefined) {
      packet.tracked = { ...NOTHING, state: INV | TRK, zone };
      return;
    }
    const before = again ? tracked.state : 0;
    const { state, connection } = this.#judge(packet, evidence, { ...options, before });
    const tuple = connection?.tuple ?? evidence.tuple;
    packet.tracked = { state: state | TRK, zone, tuple, connection, seen };
  }

  /** Forgets the connections of a zone. */
  flush(zone: number): void {
    this.#zones.delete(zone);
  }

  #judge(
    packet: PacketState,
    evidence: Evidence,
    options: TrackOptions & { before: number },
  ): { state: number; connection: Connection | undefined } {
    const { tuple, related } = evidence;
    const { before, zone } = options;
    const { connection, reply } = this.#find(tuple, zone);
    const direction = reply ? RPL : 0;
    if (related) {
      if (connection === undefined) return { state: INV, connection };
      return { state: before | REL | direction, connection };
    }
    const verdict = connection?.update(packet.number('tcp_flags'), reply) ?? 'over';
    switch (verdict) {
      case 'established':
        return { state: (before & ~NEW) | EST | direction, connection };
      case 'new':
        return { state: before | NEW, connection };
      case 'invalid':
        return { state: INV, connection };
      case 'over':
        if (connection !== undefined) this.#zones.get(zone)?.delete(textOf(connection.tuple));
        return this.#open(packet, tuple, options);
    }
  }

  #open(packet: PacketState, tuple: Tuple, { zone, commit }: TrackOptions) {
    if (!mayOpen(packet, tuple)) return { state: INV, connection: undefined };
    if (!commit) return { state: NEW, connection: undefined };
    const connection = openConnection(tuple);
    const connections = this.#zones.get(zone) ?? new Map<string, Connection>();
    connections.set(textOf(tuple), connection);
    this.#zones.set(zone, connections);
    return { state: NEW, connection };
  }

  #find(tuple: Tuple, zone: number): { connection: Connection | undefined; reply: boolean } {
    const connections = this.#zones.get(zone);
    const opened = connections?.get(textOf(tuple));
    if (opened !== undefined) return { connection: opened, reply: false };
    return { connection: connections?.get(textOf(reverse(tuple))), reply: true };
  }
}

/** Shows flows what the tracker found. */
export function showTracked(packet: PacketState): void {
  hideTracked(packet);
  const { tracked } = packet;
  if (tracked === undefined) return;
  packet.set('ct_state', tracked.state);
  packet.set('ct_zone', tracked.zone);
  packet.set('ct_mark', tracked.connection?.mark ?? 0);
  if (tracked.tuple === undefined) return;
  for (const [field, value] of originalTuple(tracked.tuple)) packet.set(field, value);
}

/** Makes the packet look untracked to flows. */
export function hideTracked(packet: PacketState): void {
  packet.clear(CT_FIELDS);
}
