/**
 * The calls about what items of a reading are tied to: the same for all ties. Which rules a tie has
 * stands in its `Tie`.
 */
import { readCreate } from '../../topology/index.ts';
import { commitDraft, type NeutronContext, showUpToDate, type Written } from './context.ts';
import { authorize } from './policy.ts';
import { pathOf, type ReadingType, type Tie } from './readings.ts';
import type { ResourceCollection } from './resource.ts';
import type { Call } from './resource-draft.ts';
import type { View } from './resource-type.ts';

/** One of the two collections that a tie is between. */
type End = Pick<ResourceCollection, 'singular' | 'plural' | 'path'>;

/** What the API needs of a tie. */
export interface TieCalls extends Pick<Tie, 'name' | 'back' | 'member'> {
  readonly items: End;
  readonly others: End;
  /** The resources that an item is tied to. */
  list(id: string, call: Call): Promise<readonly View[]>;
  /** The items that are tied to a resource; none of one that does not exist, as in Neutron. */
  listBack(otherId: string, call: Call): Promise<readonly View[]>;
  add(id: string, body: unknown, call: Call): Promise<Written<undefined>>;
  drop(id: string, otherId: string, call: Call): Promise<Written<undefined>>;
}

export function createTies(
  context: NeutronContext,
  type: ReadingType,
  collections: readonly ResourceCollection[],
): TieCalls[] {
  const ties = type.ties ?? [];
  return ties.flatMap((tie) =>
    collections
      .filter(({ kind }) => kind === tie.kind)
      .map((others) => createTie(context, { type, tie, others })),
  );
}

interface Parts {
  readonly type: ReadingType;
  readonly tie: Tie;
  readonly others: ResourceCollection;
}

function createTie(context: NeutronContext, { type, tie, others }: Parts): TieCalls {
  const { topology } = context;
  const { name, singular, member, back, kind } = tie;
  const allow = (rule: string, { requester: who }: Call): void =>
    authorize(rule, [], { who, target: {} }, topology);
  const read = (id: string): View => {
    const item = type.item(id, topology);
    if (item === undefined) throw type.notFound(id);
    return item;
  };
  const othersOf = (id: string, call: Call): string[] => {
    allow(`get_${name}`, call);
    const item = read(id);
    const ids = [...topology.list(kind)].map((record) => record.id);
    return ids.filter((other) => tie.isTied(topology, item, other));
  };
  const itemsOf = (otherId: string, call: Call): View[] => {
    allow(`get_${back}`, call);
    const items = [...type.items(topology, call.requester)];
    return items.filter((item) => tie.isTied(topology, item, otherId));
  };
  return {
    name,
    back,
    member,
    items: { singular: type.singular, plural: type.plural, path: pathOf(type) },
    others,
    list: async (id, call) => {
      const ids = await showUpToDate(context, () => othersOf(id, call));
      return others.list(new Map([['id', ids]]), call);
    },
    listBack: (otherId, call) => showUpToDate(context, () => itemsOf(otherId, call)),
    add: (id, given, call) =>
      commitDraft(context, call.requester, (draft) => {
        allow(`create_${singular}`, call);
        const otherId = String(readCreate(tie.body, given)[member]);
        if (draft.topology.get(kind, otherId) === undefined) throw tie.otherNotFound(otherId);
        tie.add(draft, read(id), otherId);
        return () => undefined;
      }),
    drop: (id, otherId, call) =>
      commitDraft(context, call.requester, (draft) => {
        allow(`delete_${singular}`, call);
        tie.drop(draft, read(id), otherId);
        return () => undefined;
      }),
  };
}
