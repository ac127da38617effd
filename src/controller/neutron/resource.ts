/**
 * A collection of one kind of resource: showing, listing, creating, changing and deleting, the same
 * for all of them. What is a resource's own stands in its `ResourceType`; what a call does within
 * its commit, in `ResourceDrafts`.
 */
import {
  type AttributeTable,
  filtersOf,
  IntentError,
  intentError,
  type RecordByKind,
  readTags,
} from '../../topology/index.ts';
import { commitDraft, type NeutronContext, showUpToDate, type Written } from './context.ts';
import { compileFilters, type Filters } from './filters.ts';
import { authorize, isOwnersAlone, type Target } from './policy.ts';
import type { Requester } from './requester.ts';
import { type Call, ResourceDrafts } from './resource-draft.ts';
import type { Link, ResourceKind, ResourceType, View } from './resource-type.ts';

/** What the API needs of a collection, whatever it holds. */
export interface ResourceCollection {
  /** The kind of its records: several collections may show records of one kind. */
  readonly kind: ResourceKind;
  readonly singular: string;
  readonly plural: string;
  readonly path: string;
  readonly attributes: AttributeTable;
  /** The member of its records that names what they are within, if they are. */
  readonly parent: string | undefined;
  /** The names under which resources have actions of their own. */
  readonly actions: readonly string[];
  /** The names under which resources show something of themselves. */
  readonly views: readonly string[];
  /** What resources are tied to, by name, with the word of bodies. */
  readonly links: Readonly<Record<string, string>>;
  /** Calls that it does not have. */
  readonly without: readonly ('create' | 'list')[];
  create(bodies: readonly unknown[], call: Call): Promise<Written<readonly View[]>>;
  show(id: string, call: Call): Promise<View>;
  /** As `show`, but undefined when there is none, or none to be seen. */
  find(id: string, call: Call): View | undefined;
  list(filters: Filters, call: Call): Promise<readonly View[]>;
  update(id: string, body: unknown, call: Call): Promise<Written<View>>;
  delete(id: string, call: Call): Promise<Written<undefined>>;
  act(id: string, action: string, body: unknown, call: Call): Promise<Written<View>>;
  view(id: string, name: string, call: Call): Promise<View>;
  link(id: string, name: string, body: unknown, call: Call): Promise<Written<View>>;
  unlink(id: string, name: string, otherId: string, call: Call): Promise<Written<undefined>>;
  /** Replaces the tags by what `change` makes of them. */
  tag(id: string, change: TagChange, call: Call): Promise<Written<readonly string[]>>;
  untag(id: string, tag: string, call: Call): Promise<Written<readonly string[]>>;
  /** Refused when the resource does not have the tag. */
  checkTag(id: string, tag: string, call: Call): Promise<void>;
}

type TagChange = (tags: readonly string[]) => readonly unknown[];

export class Resources<K extends ResourceKind, A extends AttributeTable>
  implements ResourceCollection
{
  readonly kind: K;
  readonly singular: string;
  readonly plural: string;
  readonly path: string;
  readonly attributes: AttributeTable;
  readonly parent: string | undefined;
  readonly actions: readonly string[];
  readonly views: readonly string[];
  readonly links: Readonly<Record<string, string>>;
  readonly without: readonly ('create' | 'list')[];
  readonly #context: NeutronContext;
  readonly #type: ResourceType<K, A>;
  readonly #drafts: ResourceDrafts<K, A>;

  constructor(context: NeutronContext, type: ResourceType<K, A>) {
    this.kind = type.kind;
    this.singular = type.singular;
    this.plural = type.plural;
    this.path = type.path ?? `/v2.0/${type.plural.replaceAll('_', '-')}`;
    this.attributes = type.attributes;
    this.parent = type.parent;
    this.actions = Object.keys(type.actions ?? {});
    this.views = Object.keys(type.views ?? {});
    this.links = singularsOf(type.links ?? {});
    this.without = type.without ?? [];
    this.#context = context;
    this.#type = type;
    this.#drafts = new ResourceDrafts(type, context);
  }

  show(id: string, call: Call): Promise<View> {
    return showUpToDate(this.#context, () =>
      this.#view(this.#drafts.read(this.#context.topology, id, call), call),
    );
  }

  find(id: string, call: Call): View | undefined {
    const { topology } = this.#context;
    const record = topology.get(this.#type.kind, id);
    const visible = record !== undefined && this.#drafts.isVisible(topology, record, call);
    return visible ? this.#view(record, call) : undefined;
  }

  async list(filters: Filters, call: Call): Promise<readonly View[]> {
    await this.#ensure(filters, call);
    return showUpToDate(this.#context, () => this.#list(filters, call));
  }

  #list(filters: Filters, call: Call): readonly View[] {
    const { topology } = this.#context;
    const matches = compileFilters(filtersOf(this.attributes), filters);
    const viewer = this.#drafts.viewer(call);
    this.#drafts.checkParent(topology, call);
    const views: View[] = [];
    for (const record of this.#candidates(filters, call)) {
      if (!this.#drafts.isVisible(topology, record, call)) continue;
      const view = this.#drafts.view(record, viewer);
      if (matches((name) => view[name])) views.push(view);
    }
    return views;
  }

  async create(bodies: readonly unknown[], call: Call): Promise<Written<readonly View[]>> {
    const requests = bodies.map((body) => this.#drafts.readCreate(body));
    if (requests.length > 1) {
      const together = requests.map(({ given }) => given);
      this.#type.together?.(together, call.requester);
    }
    const created = await commitDraft(this.#context, call.requester, (draft) => {
      const records = requests.map((request) => this.#drafts.create(draft, request, call));
      return () => records;
    });
    const rest = await this.#goOn(created.value, call);
    const value = created.value.map((record) => this.#view(record, call));
    return { revision: rest ?? created.revision, value };
  }

  update(id: string, body: unknown, call: Call): Promise<Written<View>> {
    const given = this.#drafts.readUpdate(body);
    return commitDraft(this.#context, call.requester, (draft) => {
      const record = this.#drafts.update(draft, id, given, call);
      return () => this.#view(record, call);
    });
  }

  async delete(id: string, call: Call): Promise<Written<undefined>> {
    for (;;) {
      const { revision, value: isGone } = await commitDraft(
        this.#context,
        call.requester,
        (draft) => {
          const done = this.#drafts.remove(draft, id, call);
          return () => done;
        },
      );
      if (isGone) return { revision, value: undefined };
    }
  }

  act(id: string, action: string, body: unknown, call: Call): Promise<Written<View>> {
    return commitDraft(this.#context, call.requester, (draft) =>
      this.#drafts.act(draft, id, call)(action, body),
    );
  }

  view(id: string, name: string, call: Call): Promise<View> {
    return showUpToDate(this.#context, () => this.#look(id, name, call));
  }

  #look(id: string, name: string, call: Call): View {
    const { topology } = this.#context;
    const record = this.#drafts.read(topology, id, call);
    const look = this.#type.views?.[name];
    if (look === undefined) throw this.#type.notFound(name);
    authorize(name, [], { who: call.requester, target: record as Target }, topology);
    return look(record, this.#drafts.viewer(call));
  }

  link(id: string, name: string, body: unknown, call: Call): Promise<Written<View>> {
    const link = this.#link(name);
    const rule = `create_${this.#drafts.word}_${link.singular}`;
    return commitDraft(this.#context, call.requester, (draft) =>
      this.#drafts.change({ draft, id, call }, { rule }, (record) =>
        link.add(draft, record, body, (shown) => this.#drafts.copy(shown, call)),
      ),
    );
  }

  unlink(id: string, name: string, otherId: string, call: Call): Promise<Written<undefined>> {
    const link = this.#link(name);
    const rule = `delete_${this.#drafts.word}_${link.singular}`;
    return commitDraft(this.#context, call.requester, (draft) => {
      this.#drafts.change({ draft, id, call }, { rule }, (record) =>
        link.drop(draft, record, otherId),
      );
      return () => undefined;
    });
  }

  tag(id: string, change: TagChange, call: Call): Promise<Written<readonly string[]>> {
    const rule = `update_${this.#drafts.word}`;
    return commitDraft(this.#context, call.requester, (draft) =>
      this.#drafts.change({ draft, id, call }, { rule }, (record) => {
        const before = record as unknown as Tagged;
        const tags = readTags(change(before.tags));
        const stamps = { revision_number: before.revision_number + 1, updated_at: draft.at };
        draft.put(this.#type.kind, id, { ...record, tags, ...stamps });
        return () => tags;
      }),
    );
  }

  untag(id: string, tag: string, call: Call): Promise<Written<readonly string[]>> {
    const without = (tags: readonly string[]): readonly string[] => {
      checkTagged(tags, tag);
      return tags.filter((other) => other !== tag);
    };
    return this.tag(id, without, call);
  }

  checkTag(id: string, tag: string, call: Call): Promise<void> {
    return showUpToDate(this.#context, () => {
      const record = this.#drafts.read(this.#context.topology, id, call);
      checkTagged((record as unknown as Tagged).tags, tag);
    });
  }

  /** What a creation could not bring in its own commit; gives the revision of the last one. */
  async #goOn(created: readonly RecordByKind[K][], call: Call): Promise<number | undefined> {
    const { kind, rest } = this.#type;
    if (rest === undefined) return undefined;
    const { topology } = this.#context;
    const isLeft = (id: string): boolean => {
      const record = topology.get(kind, id);
      return record !== undefined && rest.isLeft(topology, record);
    };
    let last: number | undefined;
    for (const { id } of created) {
      while (isLeft(id)) {
        const { revision } = await commitDraft(this.#context, call.requester, (draft) => {
          const record = draft.topology.get(kind, id);
          if (record !== undefined) rest.go(draft, record);
          return () => undefined;
        });
        last = revision;
      }
    }
    return last;
  }

  /** Makes what a list must find there; without the store, and on any refusal, it is not made. */
  async #ensure(filters: Filters, call: Call): Promise<void> {
    const make = this.#type.ensure?.(filters, this.#drafts.viewer(call));
    if (make === undefined) return;
    try {
      await commitDraft(this.#context, call.requester, (draft) => {
        make(draft);
        return () => undefined;
      });
    } catch (error) {
      // A list shows what there is; whoever needs more will make it, or be told why not.
      if (!(error instanceof IntentError)) throw error;
    }
  }

  #link(name: string): Link<RecordByKind[K]> {
    const link = this.#type.links?.[name];
    if (link === undefined) throw this.#type.notFound(name);
    return link;
  }

  /** The wire form of a record. */
  #view(record: RecordByKind[K], call: Call): View {
    return this.#drafts.view(record, this.#drafts.viewer(call));
  }

  #candidates(filters: Filters, { parentId = '', requester }: Call): Iterable<RecordByKind[K]> {
    const { topology } = this.#context;
    const { narrow } = this.#type;
    const ids = filters.get('id');
    if (ids !== undefined) return this.#byId(ids);
    return narrow?.(filters, topology, parentId) ?? this.#within(requester);
  }

  /** Records among which are all that the requester may see: no tenant walks through a region. */
  #within({ isAdmin, projectId }: Requester): Iterable<RecordByKind[K]> {
    const { topology } = this.#context;
    const { kind, ofProject } = this.#type;
    if (isAdmin) return topology.list(kind);
    if (ofProject !== undefined) return ofProject(projectId, topology);
    const isOwners = isOwnersAlone(`get_${this.#drafts.word}`);
    return isOwners ? topology.ofProject(kind, projectId).values() : topology.list(kind);
  }

  *#byId(ids: readonly string[]): Iterable<RecordByKind[K]> {
    for (const id of new Set(ids)) {
      const record = this.#context.topology.get(this.#type.kind, id);
      if (record !== undefined) yield record;
    }
  }
}

function singularsOf<R>(links: Readonly<Record<string, Link<R>>>): Record<string, string> {
  return Object.fromEntries(Object.entries(links).map(([name, { singular }]) => [name, singular]));
}

function checkTagged(tags: readonly string[], tag: string): void {
  if (!tags.includes(tag)) throw intentError('TagNotFound', { tag });
}

interface Tagged {
  readonly tags: readonly string[];
  readonly revision_number: number;
}
