/**
 * What resources are called in a document, both ways: by their names, subnets also by
 * `NETWORK/SUBNET`, and everything by its id.
 */
import { badRequest, intentError, show } from '../../../topology/index.ts';

/** What a document refers to. */
export type Referred = 'network' | 'subnet' | 'security_group';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const WORDS: Readonly<Record<string, string>> = { security_group: 'security group' };

/**
 * Whether a name can stand for a resource: not what looks like an id, nor what JSON does not take.
 */
export function isUsable(name: string): boolean {
  return name !== '' && name !== '__proto__' && !UUID.test(name);
}

export class Names {
  readonly #ids = new Map<string, Set<string>>();
  readonly #names = new Map<string, string[]>();
  readonly #isVisible: (kind: Referred, id: string) => boolean;

  constructor(isVisible: (kind: Referred, id: string) => boolean) {
    this.#isVisible = isVisible;
  }

  /** Names are given in the order in which they are preferred. */
  add(kind: Referred, id: string, names: readonly string[]): void {
    this.#names.set(`${kind} ${id}`, names.filter(isUsable));
    for (const name of names) {
      const key = `${kind} ${name}`;
      const ids = this.#ids.get(key) ?? new Set();
      this.#ids.set(key, ids.add(id));
    }
  }

  addSubnet(subnet: { readonly id: string; readonly name: string }, network: Labelled): void {
    const within = [network.name, network.id].map((name) => `${name}/${subnet.name}`);
    this.add('subnet', subnet.id, subnet.name === '' ? [] : [subnet.name, ...within]);
  }

  /** The id of what a reference means; undefined when that is nothing. */
  find(kind: Referred, reference: unknown): string | undefined {
    if (typeof reference !== 'string') return undefined;
    const id = reference.toLowerCase();
    if (UUID.test(id) && this.#isVisible(kind, id)) return id;
    const [found, ...others] = this.#ids.get(`${kind} ${reference}`) ?? [];
    if (others.length === 0) return found;
    throw intentError('AmbiguousName', {
      count: others.length + 1,
      kind: WORDS[kind] ?? kind,
      name: show(reference),
    });
  }

  /** @throws IntentError when the reference means nothing */
  id(kind: Referred, reference: unknown): string {
    const id = this.find(kind, reference);
    if (id === undefined) {
      throw badRequest(`There is no ${WORDS[kind] ?? kind} '${show(reference)}'`);
    }
    return id;
  }

  /** The subnet of a port: one of its network's before any other of that name. */
  subnetWithin(networkId: unknown, reference: unknown): string {
    const near = typeof reference === 'string' ? `${String(networkId)}/${reference}` : undefined;
    return this.find('subnet', near) ?? this.id('subnet', reference);
  }

  /** The first of its names that means nothing else, or else its id. */
  label(kind: Referred, id: string): string {
    const names = this.#names.get(`${kind} ${id}`) ?? [];
    return names.find((name) => this.#ids.get(`${kind} ${name}`)?.size === 1) ?? id;
  }
}

interface Labelled {
  readonly id: string;
  readonly name: string;
}
