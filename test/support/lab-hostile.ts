/**
 * Random changes of the policy of a server, none of which ever allows what is forbidden: UDP and TCP
 * to one port from two clients. Each change alone is harmless; a mixture of old and new is not.
 */
import type { Group, Rule, SecurityWorld } from './lab-security.ts';
import { Noise } from './mutations.ts';

export const FORBIDDEN_PORT = 6_666;

/** From anybody, the clients included, but not to the forbidden port. */
const HARMLESS_SERVICES: readonly Rule[] = [
  { protocol: 'tcp', port_range_min: 1, port_range_max: FORBIDDEN_PORT - 1 },
  { protocol: 'udp', port_range_min: FORBIDDEN_PORT + 1, port_range_max: 65_535 },
  { protocol: 'udp', port_range_min: 53, port_range_max: 53 },
  { protocol: '47' },
];
/** To any port, but from nobody who is there. */
const HARMLESS_REMOTES: readonly Rule[] = [
  { remote_ip_prefix: '192.0.2.0/24' },
  { ethertype: 'IPv6', remote_ip_prefix: '2001:db8::/32' },
];
const FORBIDDEN_SERVICES: readonly Rule[] = ['tcp', 'udp'].map((protocol) => ({
  protocol,
  port_range_min: FORBIDDEN_PORT,
  port_range_max: FORBIDDEN_PORT,
}));
const POOL = 4;
const RULES_MAX = 24;

interface Added {
  readonly id: string;
  readonly group: Group;
}

/** The policies; `always` is the group that the server never leaves. */
export class RestlessPolicy {
  readonly #world: SecurityWorld;
  readonly #noise: Noise;
  readonly #always: Group;
  readonly #pool: readonly Group[];
  /** Has no members but those that are not there. */
  readonly #nobody: Group;
  readonly #added: Added[] = [];
  #joined: readonly Group[] = [];
  changes = 0;

  private constructor(world: SecurityWorld, seed: number, groups: readonly Group[]) {
    this.#world = world;
    this.#noise = new Noise(seed);
    const [always, nobody, ...pool] = groups;
    if (always === undefined || nobody === undefined) throw new Error('no groups');
    [this.#always, this.#nobody, this.#pool] = [always, nobody, pool];
  }

  static async over(
    world: SecurityWorld,
    seed: number,
    always: readonly Rule[],
  ): Promise<RestlessPolicy> {
    const groups = [await world.group(always)];
    for (let count = 0; count <= POOL; count += 1) groups.push(await world.group([]));
    const policy = new RestlessPolicy(world, seed, groups);
    await policy.#join([]);
    await world.realized();
    return policy;
  }

  /** Changes something; acknowledged when this returns, and perhaps not realised yet. */
  async step(): Promise<void> {
    const kind = this.#noise.next(10);
    if (kind < 4 && this.#added.length < RULES_MAX) await this.#addRule();
    else if (kind < 6) await this.#removeRule();
    else if (kind < 8) await this.#join(this.#pool.filter(() => this.#noise.next(2) === 0));
    else if (kind < 9) await this.#regroupClient();
    else await this.#openWhatWasLeft();
  }

  async #addRule(): Promise<void> {
    const isForNobody = this.#noise.next(2) === 0;
    const remotes = [...HARMLESS_REMOTES, { remote_group_id: this.#nobody.id }];
    const service = this.#noise.pick(isForNobody ? FORBIDDEN_SERVICES : HARMLESS_SERVICES);
    const remote = isForNobody ? this.#noise.pick(remotes) : this.#clients();
    const group = this.#noise.pick(this.#pool);
    const known = this.#added.length;
    await this.#world.addRule(group.id, { ...service, ...remote }).then(
      (id) => this.#added.push({ id, group }),
      // The same rule twice is refused.
      () => undefined,
    );
    this.changes += this.#added.length - known;
  }

  /** A remote that the clients belong to, or may. */
  #clients(): Rule {
    return this.#noise.pick([
      {},
      { ethertype: 'IPv6' as const },
      { remote_ip_prefix: '10.0.0.0/24' },
      { remote_group_id: this.#noise.pick(this.#pool).id },
    ]);
  }

  async #removeRule(): Promise<void> {
    const [gone] = this.#added.splice(this.#noise.next(this.#added.length || 1), 1);
    if (gone === undefined) return;
    await this.#world.removeRule(gone.id);
    this.changes += 1;
  }

  async #join(groups: readonly Group[]): Promise<void> {
    this.#joined = groups;
    await this.#world.regroup(this.#world.parts.server, this.#always, ...groups);
    this.changes += 1;
  }

  async #regroupClient(): Promise<void> {
    const { near, far } = this.#world.parts;
    const groups = this.#pool.filter(() => this.#noise.next(2) === 0);
    await this.#world.regroup(this.#noise.pick([near, far]), this.#always, ...groups);
    this.changes += 1;
  }

  /** The server leaves a group, which then is opened wide, shut again, and joined again. */
  async #openWhatWasLeft(): Promise<void> {
    const left = this.#noise.pick(this.#pool);
    const before = this.#joined;
    await this.#join(before.filter((group) => group !== left));
    for (const id of await this.#world.addRules(left.id, FORBIDDEN_SERVICES)) {
      await this.#world.removeRule(id);
      this.changes += 2;
    }
    await this.#join(before);
  }
}
