/**
 * A collection of one kind of resource: showing, listing, creating, changing and deleting, the same
 * for all of them. What is a resource's own stands in its `ResourceType`.
 */
import {
  type AttributeTable,
  type Created,
  filtersOf,
  type Intent,
  IntentError,
  intentError,
  type RecordByKind,
  readCreate,
  readTags,
  readUpdate,
} from '../../topology/index.ts';
import { commitDraft, type NeutronContext, showUpToDate, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import { compileFilters, type Filters } from './filters.ts';
import {
  authorize,
  hiddenAttributes,
  isAllowed,
  isOwnersAlone,
  namesWithin,
  type Target,
} from './policy.ts';
import { checkQuota } from './quota-book.ts';
import type { Requester } from './requester.ts';
import type { Link, ResourceKind, ResourceType, View, Viewer } from './resource-type.ts';
import { type Show, showing } from './shown.ts';

/** One call: who makes it, and which state of the resource it is meant for (`If-Match`). */
export interface Call {
  readonly requester: Requester;
  readonly ifRevision?: number | undefined;
  /** The id in the path of a collection that has a parent. */
  readonly parentId?: string | undefined;
}

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
  readonly #show: Show<RecordByKind[K]>;
  /** The word of its policy rules. */
  readonly #word: string;

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
    this.#word = type.rule ?? type.singular;
    this.#show = showing({
      names: Object.keys(type.attributes).filter((name) => !type.attributes[name]?.input),
      also: type.parent === undefined ? [] : [type.parent],
      hidden: hiddenAttributes(this.#word),
      derive: type.derive,
    });
  }

  show(id: string, call: Call): Promise<View> {
    return showUpToDate(this.#context, () =>
      this.#view(this.#read(this.#context.topology, id, call), call),
    );
  }

  find(id: string, call: Call): View | undefined {
    const { topology } = this.#context;
    const record = topology.get(this.#type.kind, id);
    const visible = record !== undefined && this.#isVisible(topology, record, call);
    return visible ? this.#view(record, call) : undefined;
  }

  async list(filters: Filters, call: Call): Promise<readonly View[]> {
    await this.#ensure(filters, call);
    return showUpToDate(this.#context, () => this.#list(filters, call));
  }

  #list(filters: Filters, call: Call): readonly View[] {
    const { topology } = this.#context;
    const matches = compileFilters(filtersOf(this.attributes), filters);
    const viewer = this.#viewer(call);
    this.#checkParent(topology, call);
    const views: View[] = [];
    for (const record of this.#candidates(filters, call)) {
      if (!this.#isVisible(topology, record, call)) continue;
      const view = this.#show(record, viewer);
      if (matches((name) => view[name])) views.push(view);
    }
    return views;
  }

  async create(bodies: readonly unknown[], call: Call): Promise<Written<readonly View[]>> {
    const requests = bodies.map((body) => readCreate(this.#type.attributes, body));
    if (requests.length > 1) this.#type.together?.(requests, call.requester);
    const created = await commitDraft(this.#context, call.requester, (draft) => {
      const records = requests.map((given, index) =>
        this.#add(draft, given, { named: namesWithin(bodies[index]), call }),
      );
      return () => records;
    });
    const rest = await this.#goOn(created.value, call);
    const value = created.value.map((record) => this.#view(record, call));
    return { revision: rest ?? created.revision, value };
  }

  update(id: string, body: unknown, call: Call): Promise<Written<View>> {
    const given = readUpdate(this.#type.attributes, body);
    return this.#change(id, call, { rule: `update_${this.#word}`, given }, (draft, before) => {
      const record = this.#type.update(draft, before, given);
      draft.put(this.#type.kind, id, record);
      return () => this.#view(record, call);
    });
  }

  async delete(id: string, call: Call): Promise<Written<undefined>> {
    for (;;) {
      const rule = { rule: `delete_${this.#word}` };
      const { revision, value } = await this.#change(id, call, rule, (draft, record) => {
        const isUnfinished = this.#type.remove(draft, record) === 'unfinished';
        if (!isUnfinished) this.#drop(draft, id);
        return () => isUnfinished;
      });
      if (!value) return { revision, value: undefined };
    }
  }

  act(id: string, action: string, body: unknown, call: Call): Promise<Written<View>> {
    return this.#change(id, call, { rule: action }, (draft, record) => {
      const perform = this.#type.actions?.[action];
      if (perform === undefined) throw this.#type.notFound(action);
      return perform(draft, record, body, (shown) => this.#copy(shown, call));
    });
  }

  view(id: string, name: string, call: Call): Promise<View> {
    return showUpToDate(this.#context, () => this.#look(id, name, call));
  }

  #look(id: string, name: string, call: Call): View {
    const { topology } = this.#context;
    const record = this.#read(topology, id, call);
    const look = this.#type.views?.[name];
    if (look === undefined) throw this.#type.notFound(name);
    authorize(name, [], { who: call.requester, target: record as Target }, topology);
    return look(record, this.#viewer(call));
  }

  link(id: string, name: string, body: unknown, call: Call): Promise<Written<View>> {
    const link = this.#link(name);
    const rule = `create_${this.#word}_${link.singular}`;
    return this.#change(id, call, { rule }, (draft, record) =>
      link.add(draft, record, body, (shown) => this.#copy(shown, call)),
    );
  }

  unlink(id: string, name: string, otherId: string, call: Call): Promise<Written<undefined>> {
    const link = this.#link(name);
    const rule = `delete_${this.#word}_${link.singular}`;
    return this.#change(id, call, { rule }, (draft, record) => {
      link.drop(draft, record, otherId);
      return () => undefined;
    });
  }

  tag(id: string, change: TagChange, call: Call): Promise<Written<readonly string[]>> {
    return this.#change(id, call, { rule: `update_${this.#word}` }, (draft, record) => {
      const before = record as unknown as Tagged;
      const tags = readTags(change(before.tags));
      const stamps = { revision_number: before.revision_number + 1, updated_at: draft.at };
      draft.put(this.#type.kind, id, { ...record, tags, ...stamps });
      return () => tags;
    });
  }

  #drop(draft: Draft, id: string): void {
    for (const policy of draft.topology.members('policiesOfObject', id).keys()) {
      draft.delete('rbac_policy', policy);
    }
    for (const hosting of draft.topology.members('hostingsOfObject', id).keys()) {
      draft.delete('agent_hosting', hosting);
    }
    draft.delete(this.#type.kind, id);
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
    const make = this.#type.ensure?.(filters, this.#viewer(call));
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

  #add(
    draft: Draft,
    given: Created<A>,
    { named, call }: { named: readonly string[]; call: Call },
  ): RecordByKind[K] {
    const { kind, quota } = this.#type;
    const { requester: who } = call;
    const target: Target = { project_id: who.projectId, ...(given as Target) };
    authorize(`create_${this.#word}`, named, { who, target }, draft.topology);
    this.#checkParent(draft.topology, call);
    if (quota !== undefined) checkQuota(draft, quota, target.project_id ?? who.projectId);
    const record = this.#type.create(draft, given, call.parentId ?? '');
    draft.put(kind, record.id, record);
    return record;
  }

  /** A write to one resource: it must be there to be seen, allowed, and as the client thinks. */
  #change<T>(
    id: string,
    call: Call,
    { rule, given = {} }: { rule: string; given?: object },
    write: (draft: Draft, record: RecordByKind[K]) => () => T,
  ): Promise<Written<T>> {
    const { requester: who } = call;
    return commitDraft(this.#context, who, (draft) => {
      const record = this.#read(draft.topology, id, call);
      // Neutron looks at the resource as it would become.
      const target: Target = { ...record, ...given };
      authorize(rule, namesWithin(given), { who, target }, draft.topology);
      // Neutron tells of what is in use before it looks at the revision.
      const result = write(draft, record);
      checkRevision(record, call);
      return result;
    });
  }

  /** The record, or the refusal that it does not exist: what may not be seen does not. */
  #read(topology: Intent, id: string, call: Call): RecordByKind[K] {
    this.#checkParent(topology, call);
    const record = topology.get(this.#type.kind, id);
    if (record === undefined || !this.#isVisible(topology, record, call)) {
      throw this.#type.notFound(id, call.parentId);
    }
    return record;
  }

  #checkParent(topology: Intent, call: Call): void {
    if (call.parentId === undefined) return;
    this.#type.checkParent?.(call.parentId, this.#viewer(call, topology));
  }

  #isVisible(topology: Intent, record: RecordByKind[K], { requester, parentId }: Call): boolean {
    const { parent, holds } = this.#type;
    // A watcher of events is told of a record, and not within what it is.
    const isWithin = parentId === undefined || parent === undefined || record[parent] === parentId;
    if (!isWithin || holds?.(record) === false) return false;
    return isAllowed(`get_${this.#word}`, requester, record as Target, topology);
  }

  #link(name: string): Link<RecordByKind[K]> {
    const link = this.#type.links?.[name];
    if (link === undefined) throw this.#type.notFound(name);
    return link;
  }

  /** The wire form of a record. */
  #view(record: RecordByKind[K], call: Call): View {
    return this.#show(record, this.#viewer(call));
  }

  /** As `#view`, for answers that hold it without saying which attributes it has. */
  #copy(record: RecordByKind[K], call: Call): View {
    const view = this.#view(record, call);
    return Object.fromEntries(Object.keys(this.attributes).map((name) => [name, view[name]]));
  }

  #viewer({ requester }: Call, topology: Intent = this.#context.topology): Viewer {
    return { topology, requester, dnsDomain: this.#context.dnsDomain };
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
    const isOwners = isOwnersAlone(`get_${this.#word}`);
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

interface Tagged {
  readonly tags: readonly string[];
  readonly revision_number: number;
}

/** Neutron's `revision-if-match`: 412 when the resource is not as the client thinks. */
function checkRevision(record: object, { ifRevision }: Call): void {
  const { revision_number: found } = record as { readonly revision_number?: number };
  if (ifRevision === undefined || ifRevision === found) return;
  throw intentError('RevisionNumberConstraintFailed', {
    expected: ifRevision,
    current: found ?? 0,
  });
}
