/** From drafts to a unit: everything encoded, under the cookie of the unit. */
import {
  type CompiledFlow,
  type CompiledGroup,
  type CompiledUnit,
  compiledGroup,
} from './compiled.ts';
import { type CookieKind, cookieOf } from './cookies.ts';
import { encodeFlow, type FlowDraft } from './flow-builder.ts';
import type { GroupDraft } from './groups.ts';

export interface UnitContent {
  readonly flows: readonly FlowDraft[];
  readonly groups?: readonly GroupDraft[];
}

/** Where a unit says the same match twice (user data can), the first one counts. */
export function encodeUnit<K extends CookieKind, Key extends string>(
  key: Key,
  name: readonly [kind: K, id: string],
  content: UnitContent,
): CompiledUnit<Key> {
  const cookie = cookieOf(...name);
  const flows = new Map<string, CompiledFlow>();
  for (const draft of content.flows) {
    const flow = encodeFlow(draft, cookie);
    if (!flows.has(flow.key)) flows.set(flow.key, flow);
  }
  const groups = (content.groups ?? []).map(
    (draft): CompiledGroup => compiledGroup({ ...draft, cookie }),
  );
  return { key, cookie, flows: [...flows.values()], groups };
}
