/**
 * One attempt to apply a document: the draft that it is written into, by the rules of the ordinary
 * calls, and the plan, which tells what was written in the order of the writing.
 */
import {
  type AttributeTable,
  badRequest,
  defaultGroupOf,
  IntentError,
  intentError,
  isAutoAddressed,
  readNamed,
  show,
} from '../../../topology/index.ts';
import { ensureDefaultGroup } from '../default-group.ts';
import type { Draft } from '../draft.ts';
import type { Call, ResourceDrafts } from '../resource-draft.ts';
import type { ResourceKind, View } from '../resource-type.ts';
import type { Attributes } from './document.ts';
import { Names, type Referred, WORDS } from './names.ts';
import { type Facts, isSame } from './same.ts';
import { DOCUMENT_WORDS, type DocumentKind, wordsOf } from './words.ts';

/** One thing that is done. */
export interface Step {
  readonly action: 'create' | 'update' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly id?: string;
  readonly attributes?: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
}

export type AnyDrafts = ResourceDrafts<ResourceKind, AttributeTable>;
export type Drafts = Readonly<Record<DocumentKind, AnyDrafts>>;

/** A resource that a step is about: its kind, and what people call it. */
export interface Subject {
  readonly kind: DocumentKind;
  readonly name: string;
}

/** `PUT …/ID/ACTION`. */
interface Act {
  readonly subject: Subject;
  readonly id: string;
  readonly action: string;
  readonly body: Attributes;
}

interface Identified {
  readonly id: string;
}

export class Worksheet {
  readonly draft: Draft;
  readonly plan: Step[] = [];
  /** What references of the document mean. */
  readonly names: Names;
  /** What there was before, by name. */
  readonly labels: Names;
  readonly #call: Call;
  readonly #drafts: Drafts;

  constructor(draft: Draft, drafts: Drafts, labels: Names) {
    this.draft = draft;
    this.labels = labels;
    this.#drafts = drafts;
    this.#call = { requester: draft.requester };
    this.names = new Names((kind, id) => this.isVisible(kind, id));
  }

  get projectId(): string {
    return this.draft.requester.projectId;
  }

  isVisible(kind: Referred, id: string): boolean {
    const record = this.draft.topology.get(kind, id);
    return (
      record !== undefined && this.#drafts[kind].isVisible(this.draft.topology, record, this.#call)
    );
  }

  /** Runs something about a resource, so that a refusal says which one it is about. */
  about<T>({ kind, name }: Subject, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof IntentError)) throw error;
      throw new IntentError(
        error.type,
        `${WORDS[kind] ?? kind.replaceAll('_', ' ')} '${show(name)}': ${error.message}`,
      );
    }
  }

  create(subject: Subject, body: Attributes): string {
    const drafts = this.#drafts[subject.kind];
    this.#begin();
    const { now, later } = this.#split(subject.kind, body);
    const { id } = this.about(subject, () =>
      drafts.create(this.draft, drafts.readCreate(now), this.#call),
    );
    this.#end({ action: 'create', ...subject, id });
    if (subject.kind === 'port') this.about(subject, () => this.#change(subject.kind, id, later));
    this.about(subject, () => this.#checkRest(subject.kind, id));
    return id;
  }

  /** Changes what the body says otherwise; `words` says it as the document does. */
  update(subject: Subject, { id }: Identified, body: Attributes, words: Attributes): void {
    const { kind } = subject;
    const changed = this.about(subject, () => this.#differences(kind, id, body));
    const names = Object.keys(changed);
    if (names.length === 0) return;
    const before = this.#wordsOf(kind, id);
    this.#begin();
    this.about(subject, () => this.#change(kind, id, changed));
    const attributes = names.map((name) => {
      const word = DOCUMENT_WORDS[name] ?? name;
      return [word, { from: before[word], to: words[word] ?? null }] as const;
    });
    this.#end({ action: 'update', ...subject, id, attributes: Object.fromEntries(attributes) });
  }

  /** What can be said of a resource only once it is there, as a step of its creation. */
  complete(subject: Subject, id: string, body: Attributes): void {
    const { kind } = subject;
    this.about(subject, () => {
      const { later } = this.#split(kind, body);
      this.#change(kind, id, this.#differences(kind, id, later));
    });
  }

  remove(subject: Subject, { id }: Identified): void {
    const isNew = this.draft.isNew(subject.kind, id);
    this.#begin();
    const isGone = this.about(subject, () =>
      this.#drafts[subject.kind].remove(this.draft, id, this.#call),
    );
    if (!isGone) throw this.about(subject, () => tooMuch());
    // What came and went within the document was never there.
    if (!isNew) this.#end({ action: 'delete', ...subject, id });
  }

  /** An action of a resource; what it does is told as a step. */
  act({ subject, id, action, body }: Act, step: () => Step): void {
    const drafts = this.#drafts[subject.kind];
    this.#begin();
    this.about(subject, () => drafts.act(this.draft, id, this.#call)(action, body));
    this.#end(step());
  }

  /** Makes the default group of the project as a step, unless it is there. */
  makeDefaultGroup(): void {
    if (defaultGroupOf(this.draft.topology, this.projectId) !== undefined) return;
    this.#begin();
    const group = defaultGroupOf(this.draft.topology, this.projectId);
    this.#end({ action: 'create', kind: 'security_group', name: 'default', id: group?.id ?? '' });
  }

  /**
   * Names are nobody's: two documents applied at once would both make what both miss. So each one
   * that writes anything writes the default group of its project as well, and one of them begins
   * anew.
   */
  #begin(): void {
    if (this.draft.size > 0) return;
    ensureDefaultGroup(this.draft, this.projectId);
    const group = defaultGroupOf(this.draft.topology, this.projectId);
    if (group !== undefined) this.draft.touch('security_group', group.id);
  }

  #end(step: Step): void {
    this.plan.push(step);
    this.draft.checkSize();
  }

  #change(kind: DocumentKind, id: string, body: Attributes): void {
    const drafts = this.#drafts[kind];
    if (Object.keys(body).length === 0) return;
    drafts.update(this.draft, id, drafts.readUpdate(body), this.#call);
  }

  /** What a POST can say, and what only a PUT can. */
  #split(kind: DocumentKind, body: Attributes): { now: Attributes; later: Attributes } {
    const { attributes: table } = this.#drafts[kind].type;
    const isLater = ([name]: [string, unknown]): boolean =>
      Object.hasOwn(table, name) && table[name]?.post === 'never' && table[name]?.put === true;
    const all = Object.entries(body);
    return {
      now: Object.fromEntries(all.filter((pair) => !isLater(pair))),
      later: Object.fromEntries(all.filter(isLater)),
    };
  }

  #differences(kind: DocumentKind, id: string, body: Attributes): Attributes {
    const { attributes: table } = this.#drafts[kind].type;
    const facts = this.#factsOf(kind, id);
    const changed = Object.entries(body).filter(([name, value]) => {
      const attribute = Object.hasOwn(table, name) ? table[name] : undefined;
      if (attribute === undefined) throw badRequest(`Unrecognized attribute(s) '${show(name)}'`);
      if (attribute.post === 'never' && !attribute.put) {
        throw badRequest(`Attribute '${name}' not allowed in a document`);
      }
      if (attribute.input === true || isSame(name, readNamed(name, attribute.read, value), facts)) {
        return false;
      }
      if (attribute.put) return true;
      throw intentError('ImmutableAttribute', { attribute: DOCUMENT_WORDS[name] ?? name });
    });
    return Object.fromEntries(changed);
  }

  #factsOf(kind: DocumentKind, id: string): Facts {
    return {
      view: this.#viewOf(kind, id),
      isAuto: (subnetId) => this.#isAuto(subnetId),
      dnsDomain: kind === 'port' ? this.draft.dnsDomain : undefined,
    };
  }

  #viewOf(kind: DocumentKind, id: string): View {
    const drafts = this.#drafts[kind];
    const { topology } = this.draft;
    const record = drafts.read(topology, id, this.#call);
    return drafts.view(record, drafts.viewer(this.#call, topology));
  }

  #wordsOf(kind: DocumentKind, id: string): Attributes {
    const { attributes } = this.#drafts[kind].type;
    return wordsOf(kind, attributes, this.#viewOf(kind, id), {
      names: this.labels,
      isAuto: (subnetId) => this.#isAuto(subnetId),
      isAdmin: this.draft.requester.isAdmin,
    });
  }

  #isAuto(subnetId: string): boolean {
    const subnet = this.draft.topology.get('subnet', subnetId);
    return subnet !== undefined && isAutoAddressed(subnet);
  }

  /** An ordinary call would go on in further commits; a document is one. */
  #checkRest(kind: DocumentKind, id: string): void {
    const { type } = this.#drafts[kind];
    const { topology } = this.draft;
    const record = topology.get(type.kind, id);
    if (record !== undefined && type.rest?.isLeft(topology, record) === true) throw tooMuch();
  }
}

function tooMuch(): IntentError {
  return badRequest('This changes more resources than one commit can hold');
}
