/**
 * What one kind of resource has of its own; everything else is the collection's (`resource.ts`).
 */
import type {
  AttributeTable,
  Created,
  Intent,
  IntentError,
  Kind,
  QuotaName,
  RecordByKind,
  Topology,
  Updated,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { Filters } from './filters.ts';
import type { Requester } from './requester.ts';

export type View = Readonly<Record<string, unknown>>;

/** Kinds of records that are resources of the API by themselves. */
export type ResourceKind = Exclude<
  Kind,
  | 'host'
  | 'binding'
  | 'status'
  | 'learned_mac'
  | 'membership'
  | 'quota'
  | 'seed'
  | 'agent_hosting'
  | 'auto_allocated_topology'
>;

export interface Viewer {
  readonly topology: Intent;
  readonly requester: Requester;
  /** The domain that ports have their names in, with its final dot; or none. */
  readonly dnsDomain: string;
}

/**
 * A write that is no plain change of attributes, as `add_router_interface`. It puts into the draft
 * what it changes, and gives what makes the answer once that is committed; `show` gives the wire
 * form of a record of the collection.
 */
export type Action<R> = (
  draft: Draft,
  record: R,
  body: unknown,
  show: (record: R) => View,
) => () => View;

/** What a record is tied to by `POST …/ID/NAME`, and freed of by `DELETE …/ID/NAME/OTHER`. */
export interface Link<R> {
  /** The word of bodies and, after the resource's own, of policy rules. */
  readonly singular: string;
  readonly add: Action<R>;
  readonly drop: (draft: Draft, record: R, otherId: string) => void;
}

export interface ResourceType<K extends ResourceKind, A extends AttributeTable> {
  readonly kind: K;
  /** The words of bodies: `network`, `networks`. */
  readonly singular: string;
  readonly plural: string;
  /** The word of policy rules (`create_WORD`), where it is not the singular. */
  readonly rule?: string;
  /** Where it is not `/v2.0/` and the plural: a path, with `:parent` in it for what has one. */
  readonly path?: string;
  /** The attribute that holds the id of its parent, where the path has one. */
  readonly parent?: keyof RecordByKind[K] & string;
  /** Refuses calls within a parent that the requester cannot see. */
  readonly checkParent?: (parentId: string, viewer: Viewer) => void;
  /** The records of the kind that are in the collection, where that is not all of them. */
  readonly holds?: (record: RecordByKind[K]) => boolean;
  /** Calls that it does not have. */
  readonly without?: readonly ('create' | 'list')[];
  readonly attributes: A;
  readonly notFound: (id: string, parentId?: string) => IntentError;
  /** The attributes that are not stored. */
  readonly derive: (record: RecordByKind[K], viewer: Viewer) => View;
  /** Those among them that no other record decides: lists write them once. */
  readonly follow?: (record: RecordByKind[K], viewer: Pick<Viewer, 'dnsDomain'>) => View;
  /** Refuses requests that may come alone, but not in one bulk. */
  readonly together?: (requests: readonly Created<A>[], requester: Requester) => void;
  /** The new record; what else it brings is put into the draft here, the record itself is not. */
  readonly create: (draft: Draft, given: Created<A>, parentId: string) => RecordByKind[K];
  readonly update: (draft: Draft, before: RecordByKind[K], given: Updated<A>) => RecordByKind[K];
  /**
   * Refuses, or takes away what goes with the record; the record itself goes afterwards, unless
   * more was to be taken away than one commit can hold: then it is called again.
   */
  readonly remove: (draft: Draft, record: RecordByKind[K]) => undefined | 'unfinished' | void;
  /** What a creation brings besides and one commit cannot hold: further ones go on with it. */
  readonly rest?: {
    readonly isLeft: (topology: Intent, record: RecordByKind[K]) => boolean;
    readonly go: (draft: Draft, record: RecordByKind[K]) => void;
  };
  /** `PUT …/ID/NAME`, by name. */
  readonly actions?: Readonly<Record<string, Action<RecordByKind[K]>>>;
  /** `GET …/ID/NAME`, by name. */
  readonly views?: Readonly<Record<string, (record: RecordByKind[K], viewer: Viewer) => View>>;
  /** By name, as `Link` says. */
  readonly links?: Readonly<Record<string, Link<RecordByKind[K]>>>;
  /** The quota that it counts on; what has none is not limited. */
  readonly quota?: QuotaName;
  /** What a list must find there and does not: it is made before the list is. */
  readonly ensure?: (filters: Filters, viewer: Viewer) => ((draft: Draft) => void) | undefined;
  /** Fewer records than all that hold every one that a project may see, its own and others'. */
  readonly ofProject?: (projectId: string, topology: Topology) => Iterable<RecordByKind[K]>;
  /** Fewer records than all that hold every match, when an index knows. */
  readonly narrow?: (
    filters: Filters,
    topology: Topology,
    parentId: string,
  ) => Iterable<RecordByKind[K]> | undefined;
}
