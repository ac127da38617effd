/**
 * A look at a switch that repairs nothing: do its markers vouch for the desired state, and does it
 * hold certain flows? Small requests, all at once, beside whatever the session does.
 */
import type { Clock } from '../lib/clock.ts';
import {
  type CompiledFlow,
  type DesiredState,
  GROUPS_SLOT,
  Marker,
  TABLE_NAMES,
} from '../pipeline/index.ts';
import { diffFlows } from './diff.ts';
import type { SwitchLink } from './ports.ts';
import { suspectSlots } from './reconcile.ts';
import type { Inspection } from './types.ts';

interface Question {
  readonly desired: DesiredState;
  /** Of flows; one that is not desired is passed over. */
  readonly keys: Iterable<string>;
  readonly clock: Clock;
}

/** A switch that is slower answers nobody in time. */
const ANSWER_MS = 1000;

export async function inspect(
  link: SwitchLink,
  { desired, keys, clock }: Question,
): Promise<Inspection> {
  const wanted = new Map<string, CompiledFlow>();
  for (const key of keys) {
    const flow = desired.flow(key);
    if (flow !== undefined) wanted.set(key, flow);
  }
  const wantedMarkers = desired.markers();
  const reading = Promise.all([
    link.readTable(Marker.id),
    ...[...wanted.values()].map((flow) => link.readFlow(flow)),
  ]);
  const [markers, ...found] = await inTime(reading, clock);
  const flows = new Map<string, 'missing' | 'changed'>();
  for (const [at, [key, flow]] of [...wanted].entries()) {
    const installed = found[at];
    // What changed meanwhile is on its way, and no difference.
    if (desired.flow(key) !== flow) continue;
    if (installed === undefined) flows.set(key, 'missing');
    else if (diffFlows([installed], [flow]).length > 0) flows.set(key, 'changed');
  }
  const slots = [...suspectSlots(markers, wantedMarkers)];
  const tables = slots.map((slot) => TABLE_NAMES.get(slot) ?? nameOfSlot(slot));
  return { tables, flows };
}

function nameOfSlot(slot: number): string {
  return slot === GROUPS_SLOT ? 'groups' : String(slot);
}

function inTime<T>(reading: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`it did not answer in ${ANSWER_MS} ms`));
    const timer = clock.setTimer(ANSWER_MS, late);
    reading.finally(() => timer.cancel()).then(resolve, reject);
  });
}
