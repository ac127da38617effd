/**
 * What calls do to the resources of one collection within a draft: each of them read, allowed and
 * written as its `ResourceType` says. A call of the API drafts one of these, or a bulk; a topology
 * document drafts many of many collections.
 */
import {
  type AttributeTable,
  type Created,
  type Intent,
  intentError,
  type RecordByKind,
  readCreate,
  readUpdate,
  type Updated,
} from '../../topology/index.ts';
import type { NeutronContext } from './context.ts';
import type { Draft } from './draft.ts';
import { authorize, hiddenAttributes, isAllowed, namesWithin, type Target } from './policy.ts';
import { checkQuota } from './quota-book.ts';
import type { Requester } from './requester.ts';
import type { ResourceKind, ResourceType, View, Viewer } from './resource-type.ts';
import { type Show, showing } from './shown.ts';

/** One call: who makes it, and which state of the resource it is meant for (`If-Match`). */
export interface Call {
  readonly requester: Requester;
  readonly ifRevision?: number | undefined;
  /** The id in the path of a collection that has a parent. */
  readonly parentId?: string | undefined;
}

/** What is asked of a new resource, and the names that the body has. */
interface Creation<A extends AttributeTable> {
  readonly given: Created<A>;
  readonly named: readonly string[];
}

/** Which resource a call changes, in which draft. */
interface Place {
  readonly draft: Draft;
  readonly id: string;
  readonly call: Call;
}

/** A write of one resource that is there: the rule that allows it, and what it would become. */
interface Change {
  readonly rule: string;
  readonly given?: object;
}

export class ResourceDrafts<K extends ResourceKind, A extends AttributeTable> {
  readonly type: ResourceType<K, A>;
  /** The word of its policy rules. */
  readonly word: string;
  readonly #context: Pick<NeutronContext, 'topology' | 'dnsDomain'>;
  readonly #show: Show<RecordByKind[K]>;

  constructor(type: ResourceType<K, A>, context: Pick<NeutronContext, 'topology' | 'dnsDomain'>) {
    this.type = type;
    this.word = type.rule ?? type.singular;
    this.#context = context;
    this.#show = showing({
      names: Object.keys(type.attributes).filter((name) => !type.attributes[name]?.input),
      also: type.parent === undefined ? [] : [type.parent],
      hidden: hiddenAttributes(this.word),
      derive: type.derive,
      follow: type.follow,
    });
  }

  readCreate(body: unknown): Creation<A> {
    return { given: readCreate(this.type.attributes, body), named: namesWithin(body) };
  }

  create(draft: Draft, { given, named }: Creation<A>, call: Call): RecordByKind[K] {
    const { kind, quota } = this.type;
    const { requester: who } = call;
    const target: Target = { project_id: who.projectId, ...(given as Target) };
    authorize(`create_${this.word}`, named, { who, target }, draft.topology);
    this.checkParent(draft.topology, call);
    if (quota !== undefined) checkQuota(draft, quota, target.project_id ?? who.projectId);
    const record = this.type.create(draft, given, call.parentId ?? '');
    draft.put(kind, record.id, record);
    return record;
  }

  readUpdate(body: unknown): Updated<A> {
    return readUpdate(this.type.attributes, body);
  }

  update(draft: Draft, id: string, given: Updated<A>, call: Call): RecordByKind[K] {
    return this.change({ draft, id, call }, { rule: `update_${this.word}`, given }, (before) => {
      const record = this.type.update(draft, before, given);
      draft.put(this.type.kind, id, record);
      return record;
    });
  }

  /** Whether it is gone: what is not goes on with another commit. */
  remove(draft: Draft, id: string, call: Call): boolean {
    return this.change({ draft, id, call }, { rule: `delete_${this.word}` }, (record) => {
      if (this.type.remove(draft, record) === 'unfinished') return false;
      this.#drop(draft, id);
      return true;
    });
  }

  /** Gives what makes the answer once the draft is committed. */
  act(draft: Draft, id: string, call: Call): (action: string, body: unknown) => () => View {
    return (action, body) =>
      this.change({ draft, id, call }, { rule: action }, (record) => {
        const perform = this.type.actions?.[action];
        if (perform === undefined) throw this.type.notFound(action);
        return perform(draft, record, body, (shown) => this.copy(shown, call));
      });
  }

  /** A write to one resource: it must be there to be seen, allowed, and as the client thinks. */
  change<T>(
    { draft, id, call }: Place,
    { rule, given = {} }: Change,
    write: (record: RecordByKind[K]) => T,
  ): T {
    const { requester: who } = call;
    const record = this.read(draft.topology, id, call);
    // Neutron looks at the resource as it would become.
    const target: Target = { ...record, ...given };
    authorize(rule, namesWithin(given), { who, target }, draft.topology);
    // Neutron tells of what is in use before it looks at the revision.
    const result = write(record);
    checkRevision(record, call);
    return result;
  }

  /** The record, or the refusal that it does not exist: what may not be seen does not. */
  read(topology: Intent, id: string, call: Call): RecordByKind[K] {
    this.checkParent(topology, call);
    const record = topology.get(this.type.kind, id);
    if (record === undefined || !this.isVisible(topology, record, call)) {
      throw this.type.notFound(id, call.parentId);
    }
    return record;
  }

  checkParent(topology: Intent, call: Call): void {
    if (call.parentId === undefined) return;
    this.type.checkParent?.(call.parentId, this.viewer(call, topology));
  }

  isVisible(topology: Intent, record: RecordByKind[K], { requester, parentId }: Call): boolean {
    const { parent, holds } = this.type;
    // A watcher of events is told of a record, and not within what it is.
    const isWithin = parentId === undefined || parent === undefined || record[parent] === parentId;
    if (!isWithin || holds?.(record) === false) return false;
    return isAllowed(`get_${this.word}`, requester, record as Target, topology);
  }

  /** The wire form of a record. */
  view(record: RecordByKind[K], viewer: Viewer): View {
    return this.#show(record, viewer);
  }

  /** As `view`, for answers that hold it without saying which attributes it has. */
  copy(record: RecordByKind[K], call: Call): View {
    const view = this.view(record, this.viewer(call));
    return Object.fromEntries(Object.keys(this.type.attributes).map((name) => [name, view[name]]));
  }

  viewer({ requester }: Call, topology: Intent = this.#context.topology): Viewer {
    return { topology, requester, dnsDomain: this.#context.dnsDomain };
  }

  #drop(draft: Draft, id: string): void {
    for (const policy of draft.topology.members('policiesOfObject', id).keys()) {
      draft.delete('rbac_policy', policy);
    }
    for (const hosting of draft.topology.members('hostingsOfObject', id).keys()) {
      draft.delete('agent_hosting', hosting);
    }
    draft.delete(this.type.kind, id);
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
