/**
 * What the API needs from the rest of the controller, declared here by its user.
 * The controller provides it and serve.ts connects the two; nothing below is HTTP.
 */
import type { AttributeTable } from '../topology/index.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Who asks. */
export interface Requester {
  readonly userId: string;
  /** New resources go to this project. */
  readonly projectId: string;
  readonly isAdmin: boolean;
  /** May look at what it sees, and change nothing. */
  readonly isReadOnly?: boolean;
}

/** One call: who makes it, and which state of the resource it is meant for. */
export interface Call {
  readonly requester: Requester;
  /** `If-Match: revision_number=N`. */
  readonly ifRevision?: number | undefined;
  /** The id in the path of a collection that has a parent. */
  readonly parentId?: string | undefined;
}

/** What a write gave, and the revision of the commit that made it. */
interface Written<T> {
  readonly revision: number;
  readonly value: T;
}

/** Filters as a client sent them: an attribute's name to the values that it may have. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * A collection as far as it is read. Every refusal is an `IntentError` that names Neutron's error
 * type. Objects go out in wire form, derived attributes included; callers must not change them.
 */
export interface Reading {
  /** The words of bodies: `network`, `networks`. */
  readonly singular: string;
  readonly plural: string;
  /** Under which they are reached; with `:parent` in it where they have one. */
  readonly path: string;
  readonly attributes: AttributeTable;
  /** Calls that it does not have. */
  readonly without: readonly ('create' | 'list' | 'show')[];
  show(id: string, call: Call): Promise<JsonObject>;
  list(filters: Filters, call: Call): Promise<readonly JsonObject[]>;
}

/** One Neutron collection. */
export interface Collection extends Reading {
  /** The kind of its records, by which events name them. */
  readonly kind: string;
  /** The member of its records that names what they are within, if they are. */
  readonly parent: string | undefined;
  /** `PUT …/ID/NAME`. */
  readonly actions: readonly string[];
  /** `GET …/ID/NAME`. */
  readonly views: readonly string[];
  /** `POST …/ID/NAME` and `DELETE …/ID/NAME/OTHER`: the word of bodies by the name. */
  readonly links: Readonly<Record<string, string>>;
  /** Creates all or nothing, in one commit. */
  create(bodies: readonly unknown[], call: Call): Promise<Written<readonly JsonObject[]>>;
  /** As `show`, but undefined when there is none, or none to be seen. */
  find(id: string, call: Call): JsonObject | undefined;
  update(id: string, body: unknown, call: Call): Promise<Written<JsonObject>>;
  delete(id: string, call: Call): Promise<Written<undefined>>;
  act(id: string, action: string, body: unknown, call: Call): Promise<Written<JsonObject>>;
  view(id: string, name: string, call: Call): Promise<JsonObject>;
  link(id: string, name: string, body: unknown, call: Call): Promise<Written<JsonObject>>;
  unlink(id: string, name: string, otherId: string, call: Call): Promise<Written<undefined>>;
  /** Replaces the tags by what `change` makes of them. */
  tag(
    id: string,
    change: (tags: readonly string[]) => readonly unknown[],
    call: Call,
  ): Promise<Written<readonly string[]>>;
  /** Takes a tag away; refused, as the next is, when there is none. */
  untag(id: string, tag: string, call: Call): Promise<Written<readonly string[]>>;
  checkTag(id: string, tag: string, call: Call): Promise<void>;
}

/** The words and the path of a collection. */
type CollectionName = Pick<Reading, 'singular' | 'plural' | 'path'>;

/** What items of a reading are tied to: resources of a collection. */
export interface Tie {
  /** `GET|POST ITEM/NAME`, `DELETE ITEM/NAME/OTHER`. */
  readonly name: string;
  /** `GET OTHER/BACK`. */
  readonly back: string;
  /** What names the other in bodies. */
  readonly member: string;
  readonly items: CollectionName;
  readonly others: CollectionName;
  list(id: string, call: Call): Promise<readonly JsonObject[]>;
  listBack(otherId: string, call: Call): Promise<readonly JsonObject[]>;
  add(id: string, body: unknown, call: Call): Promise<Written<undefined>>;
  drop(id: string, otherId: string, call: Call): Promise<Written<undefined>>;
}

/** One host, as operators see it. Times are milliseconds; counters start with the process. */
interface HostView {
  readonly id: string;
  readonly hostname: string;
  readonly state: string;
  readonly encap_ip: string | null;
  readonly encap_type: string | null;
  readonly ovs_version: string | null;
  readonly realized_revision: number;
  readonly pending: number;
  readonly lag_ms: number;
  readonly flow_mods_sent: number;
  readonly group_mods_sent: number;
  readonly meter_mods_sent: number;
  readonly packet_ins: number;
  readonly packet_ins_dropped: number;
  readonly drift_repaired: number;
  readonly last_audit: string | null;
  readonly errors: readonly string[];
}

/** Whether hosts have realised a revision, and which have not. */
interface RealizedView {
  readonly realized: boolean;
  readonly lagging: readonly string[];
}

/** A resource that a commit made, changed or deleted; `deleted` is its last record. */
export interface ResourceNews {
  /** The kind of a collection. */
  readonly kind: string;
  readonly id: string;
  readonly deleted: object | undefined;
}

export interface RevisionNews {
  readonly revision: number;
  readonly at: string;
  readonly resources: readonly ResourceNews[];
}

export interface Watcher {
  news(news: RevisionNews): void;
  /** There are news that nobody can tell any more: what was known must be read anew. */
  lost(): void;
}

/** A connection that a log tells of, or a packet that was dropped. */
export interface ConnectionNews {
  /** Of the port. */
  readonly project_id: string;
  readonly host: string;
  readonly logs: readonly string[];
}

/** Which packet; what is absent is chosen. */
export interface TraceQuestion {
  readonly from: string;
  /** Id of a port, or an address. */
  readonly to: string;
  readonly protocol?: string | undefined;
  readonly port?: number | undefined;
  readonly sourcePort?: number | undefined;
  readonly icmpType?: number | undefined;
  readonly icmpCode?: number | undefined;
  readonly ethertype?: string | undefined;
  /** Source address. */
  readonly source?: string | undefined;
}

export interface Operations {
  health(): { readonly storeReachable: boolean; readonly revision: number };
  hosts(): readonly HostView[];
  /**
   * Answers when `revision` is realised on every connected host, `waitMs` is over or `signal`
   * aborts.
   */
  waitRealized(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizedView>;
  /** What happens to a packet between two ports and to its reply, and where switches differ. */
  trace(question: TraceQuestion, requester: Requester): Promise<object>;
  /** As `waitRealized`, for the hosts alone that the revision touched. */
  waitTouched(revision: number, waitMs: number, signal: AbortSignal): Promise<RealizedView>;
  /**
   * Tells the watcher everything after revision `since`, until the function that is given back is
   * called; undefined when some of it is not known any more.
   */
  watch(since: number, watcher: Watcher): (() => void) | undefined;
  /** Tells what logs tell of our hosts, until the function that is given back is called. */
  watchConnections(listener: (news: ConnectionNews) => void): () => void;
}

/** The book of quotas: limits by the name of what they limit; -1 is no limit. */
export interface Quotas {
  show(projectId: string, requester: Requester): JsonObject;
  defaults(projectId: string, requester: Requester): JsonObject;
  details(projectId: string, requester: Requester): JsonObject;
  list(requester: Requester): readonly JsonObject[];
  update(projectId: string, body: unknown, requester: Requester): Promise<Written<JsonObject>>;
  reset(projectId: string, requester: Requester): Promise<Written<undefined>>;
}

/** Networks that are made for projects that have none of their own. */
export interface AutoTopologies {
  /** What the project has or, when there is none yet, gets. */
  give(
    projectId: string,
    fields: readonly string[],
    requester: Requester,
  ): Promise<Written<JsonObject> & { readonly isNew: boolean }>;
  delete(projectId: string, requester: Requester): Promise<Written<undefined>>;
}

/** Bindings of ports to hosts, by host. */
export interface PortBindings {
  list(call: BindingsCall): Promise<readonly JsonObject[]>;
  show(host: string, call: BindingsCall): Promise<JsonObject>;
  create(body: unknown, call: BindingsCall): Promise<Written<JsonObject>>;
  update(host: string, body: unknown, call: BindingsCall): Promise<Written<JsonObject>>;
  activate(host: string, call: BindingsCall): Promise<Written<JsonObject>>;
  delete(host: string, call: BindingsCall): Promise<Written<undefined>>;
}

export interface BindingsCall {
  readonly portId: string;
  readonly requester: Requester;
}

/** What a document changes, in the order of changing; what a dry run would make has no id. */
export interface PlanStep {
  readonly action: 'create' | 'update' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly id?: string;
  readonly attributes?: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
}

/** The whole topology of each project as one document. */
export interface Topologies {
  show(projectId: string, requester: Requester): Promise<JsonObject>;
  /** Makes the project's topology what the document says, in one commit; or tells what that is. */
  put(
    projectId: string,
    body: unknown,
    options: { readonly requester: Requester; readonly isDryRun: boolean },
  ): Promise<{
    /** Null when nothing was committed. */
    readonly revision: number | null;
    readonly dry_run: boolean;
    readonly plan: readonly PlanStep[];
  }>;
}

/** What rules of security groups have let through. */
export interface RuleStats {
  ofRule(id: string, requester: Requester): Promise<object>;
  ofGroup(id: string, requester: Requester): Promise<object>;
  /** Rules of a project that nothing has met. */
  neverHit(projectId: string, requester: Requester): Promise<object>;
}

export interface ApiBackend {
  readonly collections: readonly Collection[];
  /** What is only read: it follows from other resources, or from what this controller can. */
  readonly readings: readonly Reading[];
  readonly ties: readonly Tie[];
  readonly quotas: Quotas;
  readonly autoTopologies: AutoTopologies;
  readonly portBindings: PortBindings;
  readonly topologies: Topologies;
  readonly operations: Operations;
  /** Resolves when what was committed before, by whomever, can be seen here. */
  readonly catchUp: () => Promise<void>;
  readonly ruleStats: RuleStats;
}
