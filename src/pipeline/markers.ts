/**
 * The switch carries the fingerprint of its own state: one marker flow per table (and one for the
 * groups) in the table Marker, where no packet goes. Its cookie is the table's fingerprint. Meters
 * have none: they are no part of bundles, so that nothing can be said of them in the same breath.
 *
 *     table=Marker, priority=1, metadata=SLOT, cookie=FINGERPRINT, actions=drop
 *     SLOT 0..254: that table    SLOT 256: the groups
 */
import { matchBytes, matchFromBytes } from '../openflow/oxm/index.ts';
import { type CompiledFlow, compiledFlow } from './compiled-flow.ts';
import type { Fingerprint } from './fingerprint.ts';
import { Marker } from './tables.ts';

export const GROUPS_SLOT = 256;

const MARKER_PRIORITY = 1;
const NO_INSTRUCTIONS = Buffer.alloc(0);
const slotMatches = new Map<number, Buffer>();

export function markerFlow(slot: number, fingerprint: Fingerprint): CompiledFlow {
  return compiledFlow({
    table: Marker.id,
    priority: MARKER_PRIORITY,
    cookie: fingerprint.toCookie(),
    match: slotMatch(slot),
    instructions: NO_INSTRUCTIONS,
  });
}

/** The slot that a marker flow speaks for, from its match as read from a switch. */
export function markerSlot(match: Buffer): number | undefined {
  const { metadata } = matchFromBytes(match);
  return typeof metadata === 'bigint' ? Number(metadata) : undefined;
}

function slotMatch(slot: number): Buffer {
  let match = slotMatches.get(slot);
  if (match === undefined) {
    match = matchBytes({ metadata: BigInt(slot) });
    slotMatches.set(slot, match);
  }
  return match;
}
