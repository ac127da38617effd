/** From drafts to a unit: everything encoded, under the cookie of the unit. */
import { type CompiledGroup, type CompiledUnit, compiledGroup, compiledMeter } from './compiled.ts';
import type { CompiledFlow } from './compiled-flow.ts';
import { CompiledConjunction, type ConjunctionDraft } from './conjunctions.ts';
import { type CookieKind, cookieOf } from './cookies.ts';
import { encodeFlows } from './encode-flows.ts';
import type { FlowDraft } from './flow-builder.ts';
import type { GroupDraft } from './groups.ts';
import type { MeterDraft } from './meters.ts';
import type { QueueDraft } from './queues.ts';

export interface UnitContent {
  readonly flows: readonly FlowDraft[];
  readonly groups?: readonly GroupDraft[];
  readonly meters?: readonly MeterDraft[];
  readonly queues?: readonly QueueDraft[];
  readonly conjunctions?: readonly ConjunctionDraft[];
}

/** Where a unit says the same match twice (user data can), the first one counts. */
export function encodeUnit<K extends CookieKind, Key extends string>(
  key: Key,
  name: readonly [kind: K, id: string],
  content: UnitContent,
): CompiledUnit<Key> {
  const cookie = cookieOf(...name);
  const flows = withoutRepeats(encodeFlows(content.flows, cookie));
  const groups = (content.groups ?? []).map(
    (draft): CompiledGroup => compiledGroup({ ...draft, cookie }),
  );
  const meters = (content.meters ?? []).map((draft) => compiledMeter(draft, cookie));
  const queues = (content.queues ?? []).map((draft) => ({ ...draft, cookie }));
  const conjunctions = (content.conjunctions ?? []).map((draft) => new CompiledConjunction(draft));
  return { key, cookie, flows, groups, meters, queues, conjunctions };
}

function withoutRepeats(flows: readonly CompiledFlow[]): readonly CompiledFlow[] {
  const seen = new Set<string>();
  for (const { key } of flows) seen.add(key);
  if (seen.size === flows.length) return flows;
  return flows.filter(({ key }) => seen.delete(key));
}
