/**
 * Collections that are only read: they follow from other resources, or say what this controller
 * can do. What one of them has of its own stands in its `ReadingType`.
 */
import {
  type AttributeTable,
  filtersOf,
  type Intent,
  type IntentError,
} from '../../topology/index.ts';
import type { Topology } from '../../topology/topology.ts';
import { type NeutronContext, showUpToDate } from './context.ts';
import type { Draft } from './draft.ts';
import { compileFilters, type Filters } from './filters.ts';
import { authorize, isAllowed, type Target } from './policy.ts';
import type { Requester } from './requester.ts';
import type { Call } from './resource-draft.ts';
import type { ResourceKind, View } from './resource-type.ts';

/**
 * What items are tied to, which can be changed where the items cannot: `GET|POST ITEM/NAME`,
 * `DELETE ITEM/NAME/OTHER`, and from the other side `GET OTHER/BACK`.
 */
export interface Tie {
  /** The word of the path, and of the policy rule of listing; writes have its singular. */
  readonly name: string;
  readonly singular: string;
  /** The kind of the resources that items are tied to. */
  readonly kind: ResourceKind;
  /** What names one of them in bodies, and what bodies may hold. */
  readonly member: string;
  readonly body: AttributeTable;
  readonly back: string;
  readonly otherNotFound: (id: string) => IntentError;
  readonly isTied: (topology: Intent, item: View, otherId: string) => boolean;
  /** Refuses, or ties the item to a resource that there is. */
  readonly add: (draft: Draft, item: View, otherId: string) => void;
  readonly drop: (draft: Draft, item: View, otherId: string) => void;
}

export interface ReadingType {
  readonly singular: string;
  readonly plural: string;
  /** Where it is not `/v2.0/` and the plural. */
  readonly path?: string;
  readonly attributes: AttributeTable;
  readonly without?: readonly ('list' | 'show')[];
  /** Parameters of lists that are understood, and change nothing here. */
  readonly idle?: readonly string[];
  /** The policy rule of showing one, where it is not that of listing (`get_…`). */
  readonly showRule?: string;
  readonly notFound: (id: string) => IntentError;
  readonly items: (topology: Topology, requester: Requester) => Iterable<View>;
  readonly item: (id: string, topology: Topology) => View | undefined;
  readonly ties?: readonly Tie[];
}

/** What the API needs of a collection that is only read. */
export interface ReadCollection {
  readonly singular: string;
  readonly plural: string;
  readonly path: string;
  readonly attributes: AttributeTable;
  readonly without: readonly ('list' | 'show')[];
  show(id: string, call: Call): Promise<View>;
  list(filters: Filters, call: Call): Promise<readonly View[]>;
}

export function pathOf({ path, plural }: ReadingType): string {
  return path ?? `/v2.0/${plural.replaceAll('_', '-')}`;
}

export function createReading(context: NeutronContext, type: ReadingType): ReadCollection {
  const { topology } = context;
  const { singular, plural, attributes, idle = [] } = type;
  const rule = `get_${singular}`;
  const isVisible = (item: View, { requester }: Call): boolean =>
    isAllowed(rule, requester, item as Target, topology);
  const show = (id: string, call: Call): View => {
    const item = type.item(id, topology);
    if (item === undefined || !isVisible(item, call)) throw type.notFound(id);
    const asked = { who: call.requester, target: item as Target };
    authorize(type.showRule ?? rule, [], asked, topology);
    return item;
  };
  const list = (filters: Filters, call: Call): readonly View[] => {
    const given = new Map([...filters].filter(([name]) => !idle.includes(name)));
    const matches = compileFilters(filtersOf(attributes), given);
    const items = [...type.items(topology, call.requester)].filter((item) => isVisible(item, call));
    return items.filter((item) => matches((name) => item[name]));
  };
  return {
    singular,
    plural,
    path: pathOf(type),
    attributes,
    without: type.without ?? [],
    show: (id, call) => showUpToDate(context, () => show(id, call)),
    list: (filters, call) => showUpToDate(context, () => list(filters, call)),
  };
}
