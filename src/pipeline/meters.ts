/**
 * Meter numbers: stable, and without a table of who has which. A local port has a run of them, one
 * for each kind; number 0 is no meter.
 *
 *     number = 1 + port × METERS_PER_PORT + kind
 *
 * A kernel datapath takes some 200,000 meters, a userspace one 2^18 (ovs-ofctl(8), meter-features).
 * Open vSwitch numbers ports from 1 on, up to 32,767 (ofport): those that would need higher meter
 * numbers than there are share the run of port 0.
 */
import { assert } from '../lib/assert.ts';
import { type MeterBand, OFPMF } from '../openflow/messages/index.ts';

/** What a meter of a port limits; a number is never given to another kind. */
export const METER_KINDS = {
  /** What the port asks the controller for. */
  services: 0,
  /** What is written down of its connections. */
  log: 1,
  /** Bits of what the port sends, and of what it gets. */
  'egress-bandwidth': 2,
  'ingress-bandwidth': 3,
  /** Packets that the port sends, and that it gets. */
  'egress-packets': 4,
  'ingress-packets': 5,
  /** Packets that the port sends to many at once. */
  storm: 6,
  /** DNS queries of the port. */
  dns: 7,
  /** What the port sends to the metadata service. */
  metadata: 8,
} as const;

export type MeterKind = keyof typeof METER_KINDS;

/** Kinds that there is room for. */
export const METERS_PER_PORT = 9;

const METER_MAX = 2 ** 18;

/** The highest port that has meters of its own. */
export const METERED_PORT_MAX = Math.floor(METER_MAX / METERS_PER_PORT) - 1;

/** A meter before encoding. */
export interface MeterDraft {
  readonly meterId: number;
  /** `OFPMF` bits. */
  readonly flags: number;
  readonly bands: readonly MeterBand[];
}

/** The meter of a kind of a local port. */
export function portMeter(kind: MeterKind, ofport: number): number {
  assert(ofport > 0, `${ofport} is a port`);
  const run = ofport > METERED_PORT_MAX ? 0 : ofport;
  return 1 + run * METERS_PER_PORT + METER_KINDS[kind];
}

/** So much a second, and so much at once. */
export interface Limit {
  readonly rate: number;
  readonly burst: number;
}

/**
 * Lets so many kilobits a second through, and drops the rest. `burst`, in kilobits, is what may
 * come at once: the meter fills up to it and no further, so no packet that is larger ever passes.
 * Frames count from the Ethernet header on, without checksum (ovs-ofctl(8), add-meter).
 */
export function bandwidthMeter(meterId: number, limit: Limit): MeterDraft {
  return dropMeter(meterId, OFPMF.KBPS, limit);
}

/** Lets so many packets a second through, `burst` of them at once, and drops the rest. */
export function packetMeter(meterId: number, limit: Limit): MeterDraft {
  return dropMeter(meterId, OFPMF.PKTPS, limit);
}

function dropMeter(meterId: number, unit: number, { rate, burst }: Limit): MeterDraft {
  const flags = unit | OFPMF.BURST | OFPMF.STATS;
  return { meterId, flags, bands: [{ type: 'drop', rate, burstSize: burst }] };
}
