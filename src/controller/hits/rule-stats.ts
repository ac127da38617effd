/**
 * What rules of security groups have let through, as it is asked for: of one rule, of a group's,
 * and those of a project that nothing has ever met. Whoever sees a rule sees its counts; hosts have
 * names for operators alone.
 */
import type { Count } from '../../store/index.ts';
import {
  intentError,
  type RecordKey,
  recordKey,
  type SecurityGroupRule,
  type Topology,
  timestamp,
} from '../../topology/index.ts';
import { type NeutronContext, showUpToDate, translateOutage } from '../neutron/context.ts';
import { securityGroupNotFound } from '../neutron/errors.ts';
import { isAllowed } from '../neutron/policy.ts';
import type { Requester } from '../neutron/requester.ts';
import type { CounterStore, HitKeeper } from './hit-keeper.ts';

export interface CountView {
  readonly packets: number;
  readonly bytes: number;
  /** Null before the first. */
  readonly last_hit: string | null;
}

interface HostCountView extends CountView {
  /** Null where hosts are not shown. */
  readonly host: string | null;
  /** Everything before is counted; null: it has not been read yet. */
  readonly as_of: string | null;
}

interface RuleCountView extends CountView {
  readonly id: string;
  readonly direction: string;
  readonly ethertype: string;
  readonly never_hit: boolean;
}

export interface RuleStatsView extends RuleCountView {
  readonly security_group_id: string;
  readonly as_of: string | null;
  /** Those that count it, and those that did. */
  readonly hosts: readonly HostCountView[];
}

export interface GroupStatsView {
  readonly security_group_id: string;
  readonly as_of: string | null;
  readonly rules: readonly RuleCountView[];
}

export interface NeverHitView {
  readonly project_id: string;
  readonly as_of: string | null;
  readonly security_group_rules: readonly {
    readonly id: string;
    readonly security_group_id: string;
    readonly direction: string;
    readonly ethertype: string;
    readonly created_at: string;
    /** Whether a host counts it: a port that is up is in the group. */
    readonly counted: boolean;
  }[];
}

export interface RuleStatsOptions extends Pick<NeutronContext, 'topology' | 'clock'> {
  readonly store: NeutronContext['store'] & { readonly counters: CounterStore };
  readonly keeper: Pick<HitKeeper, 'refresh'>;
}

const NOTHING: Count = { packets: 0, bytes: 0, lastMs: 0 };
/** Rules whose sums are read at once. */
const RULES_PER_READ = 1_000;

export class RuleStats {
  readonly #options: RuleStatsOptions;

  constructor(options: RuleStatsOptions) {
    this.#options = options;
  }

  async ofRule(id: string, requester: Requester): Promise<RuleStatsView> {
    const rule = await this.#show(() => this.#visibleRule(id, requester));
    const { topology, store, keeper } = this.#options;
    const carriers = hostsOf(topology, [rule.security_group_id]);
    await keeper.refresh(carriers);
    const key = keyOf(rule);
    const everybody = [...topology.list('host')].map((host) => host.id);
    const [sums, byHost, readAt] = await this.#read(() =>
      Promise.all([
        store.counters.sums([key]),
        store.counters.byHost(key, everybody),
        store.counters.readAt(everybody),
      ]),
    );
    const named = [...new Set([...carriers, ...byHost.keys()])].sort();
    return {
      ...ruleView(rule, sums.get(key)),
      security_group_id: rule.security_group_id,
      as_of: this.#oldest(carriers, readAt),
      hosts: named.map((host) => ({
        host: requester.isAdmin ? host : null,
        ...countView(byHost.get(host)),
        as_of: timeOf(readAt.get(host)),
      })),
    };
  }

  async ofGroup(id: string, requester: Requester): Promise<GroupStatsView> {
    const { topology, keeper } = this.#options;
    const rules = await this.#show(() => this.#visibleRules(id, requester));
    const carriers = hostsOf(topology, [id]);
    await keeper.refresh(carriers);
    const sums = await this.#sums(rules.map(keyOf));
    return {
      security_group_id: id,
      as_of: await this.#asOf(carriers),
      rules: rules.map((rule) => ruleView(rule, sums.get(keyOf(rule)))),
    };
  }

  /** Reads no host anew: it may be about all of them. */
  async neverHit(projectId: string, requester: Requester): Promise<NeverHitView> {
    const { topology } = this.#options;
    const rules = await this.#show(() => this.#rulesOfProject(projectId, requester));
    const sums = await this.#sums(rules.map(keyOf));
    const unmet = rules.filter((rule) => !sums.has(keyOf(rule)));
    const groups = new Set(rules.map((rule) => rule.security_group_id));
    return {
      project_id: projectId,
      as_of: await this.#asOf(hostsOf(topology, groups)),
      security_group_rules: unmet.map((rule) => ({
        id: rule.id,
        security_group_id: rule.security_group_id,
        direction: rule.direction,
        ethertype: rule.ethertype,
        created_at: rule.created_at,
        counted: topology.groupPlaces.hostsOf(rule.security_group_id).size > 0,
      })),
    };
  }

  #visibleRule(id: string, requester: Requester): SecurityGroupRule {
    const { topology } = this.#options;
    const rule = topology.get('security_group_rule', id);
    if (rule && isAllowed('get_security_group_rule', requester, rule, topology)) return rule;
    throw intentError('SecurityGroupRuleNotFound', { id });
  }

  #visibleRules(groupId: string, requester: Requester): SecurityGroupRule[] {
    const { topology } = this.#options;
    const group = topology.get('security_group', groupId);
    if (!group || !isAllowed('get_security_group', requester, group, topology)) {
      throw securityGroupNotFound(groupId);
    }
    // Whom a group is shared with uses its rules, and learns nothing of what others' ports do.
    return [...topology.members('rulesOfGroup', groupId).values()].filter((rule) =>
      isAllowed('get_security_group_rule', requester, rule, topology),
    );
  }

  #rulesOfProject(projectId: string, requester: Requester): SecurityGroupRule[] {
    const { topology } = this.#options;
    if (!isAllowed('get_topology', requester, { project_id: projectId }, topology)) {
      throw intentError('ProjectNotFound', { project_id: projectId });
    }
    return [...topology.ofProject('security_group_rule', projectId).values()];
  }

  async #sums(keys: readonly RecordKey[]): Promise<ReadonlyMap<RecordKey, Count>> {
    const { counters } = this.#options.store;
    const sums = new Map<RecordKey, Count>();
    for (let at = 0; at < keys.length; at += RULES_PER_READ) {
      const some = await this.#read(() => counters.sums(keys.slice(at, at + RULES_PER_READ)));
      for (const [key, count] of some) sums.set(key, count);
    }
    return sums;
  }

  async #asOf(carriers: readonly string[]): Promise<string | null> {
    const { counters } = this.#options.store;
    return this.#oldest(carriers, await this.#read(() => counters.readAt(carriers)));
  }

  /** The oldest reading of these hosts; null when one was never read. */
  #oldest(hostIds: readonly string[], readAt: ReadonlyMap<string, number>): string | null {
    const now = this.#options.clock.wallTimeMs();
    const times = hostIds.map((id) => readAt.get(id) ?? 0);
    return timeOf(times.reduce((least, at) => Math.min(least, at), now));
  }

  #show<T>(show: () => T): Promise<T> {
    return showUpToDate(this.#options, show);
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw translateOutage(error);
    }
  }
}

function keyOf({ id }: SecurityGroupRule): RecordKey {
  return recordKey('security_group_rule', id);
}

/** Hosts that have ports of any of these groups. */
function hostsOf(topology: Topology, groupIds: Iterable<string>): string[] {
  const hosts = new Set<string>();
  for (const groupId of groupIds) {
    for (const hostId of topology.groupPlaces.hostsOf(groupId).keys()) hosts.add(hostId);
  }
  return [...hosts];
}

function ruleView(rule: SecurityGroupRule, count: Count | undefined): RuleCountView {
  const { id, direction, ethertype } = rule;
  const counts = countView(count);
  return { id, direction, ethertype, ...counts, never_hit: counts.packets === 0 };
}

function countView({ packets, bytes, lastMs }: Count = NOTHING): CountView {
  return { packets, bytes, last_hit: timeOf(lastMs) };
}

function timeOf(ms = 0): string | null {
  return ms === 0 ? null : timestamp(ms);
}
