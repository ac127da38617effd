/**
 * A collection of one kind of resource: showing, listing, creating, changing and deleting, the same
 * for all of them. What is a resource's own stands in its `ResourceType`.
 */
import {
  type AttributeTable,
  type Created,
  filtersOf,
  type Intent,
  type IntentError,
  intentError,
  type Kind,
  type RecordByKind,
  readCreate,
  readUpdate,
  type Topology,
  type Updated,
} from '../../topology/index.ts';
import { commitDraft, type NeutronContext, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import { compileFilters, type Filters } from './filters.ts';
import { authorize, hiddenAttributes, isAllowed, type Target } from './policy.ts';
import type { Requester } from './requester.ts';

export type View = Readonly<Record<string, unknown>>;

/** Kinds of records that are resources of the API by themselves. */
export type ResourceKind = Exclude<Kind, 'host' | 'binding' | 'status'>;

export interface Viewer {
  readonly topology: Intent;
  readonly requester: Requester;
}

export interface ResourceType<K extends ResourceKind, A extends AttributeTable> {
  readonly kind: K;
  /** The words of bodies: `network`, `networks`. */
  readonly singular: string;
  readonly plural: string;
  readonly attributes: A;
  readonly notFound: (id: string) => IntentError;
  /** The attributes that are not stored. */
  readonly derive: (record: RecordByKind[K], viewer: Viewer) => View;
  /** The new record; what else it brings is put into the draft here, the record itself is not. */
  readonly create: (draft: Draft, given: Created<A>) => RecordByKind[K];
  readonly update: (draft: Draft, before: RecordByKind[K], given: Updated<A>) => RecordByKind[K];
  /** Refuses, or takes away what goes with the record; the record itself goes afterwards. */
  readonly remove: (draft: Draft, record: RecordByKind[K]) => void;
  /** Fewer records than all that hold every match, when an index knows. */
  readonly narrow?: (filters: Filters, topology: Topology) => Iterable<RecordByKind[K]> | undefined;
}

/** One call: who makes it, and which state of the resource it is meant for (`If-Match`). */
export interface Call {
  readonly requester: Requester;
  readonly ifRevision?: number | undefined;
}

/** What the API needs of a collection, whatever it holds. */
export interface ResourceCollection {
  readonly singular: string;
  readonly plural: string;
  readonly attributes: AttributeTable;
  create(bodies: readonly unknown[], call: Call): Promise<Written<readonly View[]>>;
  show(id: string, requester: Requester): View;
  find(id: string, requester: Requester): View | undefined;
  list(filters: Filters, requester: Requester): readonly View[];
  update(id: string, body: unknown, call: Call): Promise<Written<View>>;
  delete(id: string, call: Call): Promise<Written<undefined>>;
}

export class Resources<K extends ResourceKind, A extends AttributeTable>
  implements ResourceCollection
{
  readonly #context: NeutronContext;
  readonly #type: ResourceType<K, A>;
  readonly #hidden: readonly string[];

  constructor(context: NeutronContext, type: ResourceType<K, A>) {
    this.#context = context;
    this.#type = type;
    this.#hidden = hiddenAttributes(type.singular);
  }

  get singular(): string {
    return this.#type.singular;
  }

  get plural(): string {
    return this.#type.plural;
  }

  get attributes(): AttributeTable {
    return this.#type.attributes;
  }

  show(id: string, requester: Requester): View {
    return this.#view(this.#read(this.#context.topology, id, requester), requester);
  }

  /** As `show`, but undefined when there is none, or none to be seen. */
  find(id: string, requester: Requester): View | undefined {
    const record = this.#context.topology.get(this.#type.kind, id);
    const visible = record !== undefined && this.#mayGet(record, requester, this.#context.topology);
    return visible ? this.#view(record, requester) : undefined;
  }

  list(filters: Filters, requester: Requester): readonly View[] {
    const { topology } = this.#context;
    const matches = compileFilters(filtersOf(this.#type.attributes), filters);
    const viewer = { topology, requester };
    const views: View[] = [];
    for (const record of this.#candidates(filters)) {
      if (!this.#mayGet(record, requester, topology)) continue;
      if (matches((name) => this.#attribute(record, name, viewer))) {
        views.push(this.#view(record, requester));
      }
    }
    return views;
  }

  async create(bodies: readonly unknown[], { requester }: Call): Promise<Written<readonly View[]>> {
    const requests = bodies.map((body) => readCreate(this.#type.attributes, body));
    return commitDraft(this.#context, requester, (draft) => {
      const records = requests.map((given, index) => this.#add(draft, given, bodies[index]));
      return () => records.map((record) => this.#view(record, requester));
    });
  }

  async update(id: string, body: unknown, call: Call): Promise<Written<View>> {
    const given = readUpdate(this.#type.attributes, body);
    const { kind, singular } = this.#type;
    const { requester } = call;
    return commitDraft(this.#context, requester, (draft) => {
      const before = this.#read(draft.topology, id, requester);
      const asked = { who: requester, target: before as Target, attributes: Object.keys(given) };
      authorize('update', singular, asked, draft.topology);
      checkRevision(before, call);
      const record = this.#type.update(draft, before, given);
      draft.put(kind, id, record);
      return () => this.#view(record, requester);
    });
  }

  async delete(id: string, call: Call): Promise<Written<undefined>> {
    const { kind, singular } = this.#type;
    const { requester } = call;
    return commitDraft(this.#context, requester, (draft) => {
      const record = this.#read(draft.topology, id, requester);
      const asked = { who: requester, target: record as Target, attributes: [] };
      authorize('delete', singular, asked, draft.topology);
      this.#type.remove(draft, record);
      checkRevision(record, call);
      draft.delete(kind, id);
      return () => undefined;
    });
  }

  #add(draft: Draft, given: Created<A>, body: unknown): RecordByKind[K] {
    const { kind, singular } = this.#type;
    const { requester: who } = draft;
    const target: Target = { project_id: who.projectId, ...(given as Target) };
    const attributes = Object.keys(body as object);
    authorize('create', singular, { who, target, attributes }, draft.topology);
    const record = this.#type.create(draft, given);
    draft.put(kind, record.id, record);
    return record;
  }

  /** The record, or the refusal that it does not exist: what may not be seen does not. */
  #read(topology: Intent, id: string, requester: Requester): RecordByKind[K] {
    const record = topology.get(this.#type.kind, id);
    if (record === undefined || !this.#mayGet(record, requester, topology)) {
      throw this.#type.notFound(id);
    }
    return record;
  }

  #mayGet(record: RecordByKind[K], requester: Requester, topology: Intent): boolean {
    return isAllowed(`get_${this.#type.singular}`, requester, record as Target, topology);
  }

  /** The wire form of a record. Adding to a copy of the record would cost V8 fifty times as much. */
  #view(record: RecordByKind[K], requester: Requester): View {
    const viewer = { topology: this.#context.topology, requester };
    const view: Record<string, unknown> = { ...this.#type.derive(record, viewer), ...record };
    if (requester.isAdmin) return view;
    for (const name of this.#hidden) view[name] = undefined;
    return view;
  }

  #attribute(record: RecordByKind[K], name: string, viewer: Viewer): unknown {
    const stored = record as unknown as View;
    return name in stored ? stored[name] : this.#type.derive(record, viewer)[name];
  }

  #candidates(filters: Filters): Iterable<RecordByKind[K]> {
    const { topology } = this.#context;
    const { kind, narrow } = this.#type;
    const ids = filters.get('id');
    if (ids !== undefined) return this.#byId(ids);
    return narrow?.(filters, topology) ?? topology.list(kind);
  }

  *#byId(ids: readonly string[]): Iterable<RecordByKind[K]> {
    for (const id of new Set(ids)) {
      const record = this.#context.topology.get(this.#type.kind, id);
      if (record !== undefined) yield record;
    }
  }
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
