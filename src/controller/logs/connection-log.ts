/**
 * Logs of security groups as they happen: packets that flows hand over (connection-log.ts of the
 * compiler) become lines, for a file and for whoever watches.
 *
 * The switch limits what comes of each port; here all of them together are, so that no flood keeps
 * this process from its work.
 */
import { type Logged, readLogged, ruleMark, ruleMarkIn } from '../../compiler/index.ts';
import type { ServicePacket } from '../../fleet/index.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { Notices } from '../../store/index.ts';
import {
  logsAt,
  type NetworkLog,
  type Port,
  type SecurityGroupRule,
  type Topology,
  timestampMs,
} from '../../topology/index.ts';
import { type PacketTuple, readTuple } from './packet-tuple.ts';

/** One connection that was let through, or one packet that was dropped. */
export interface ConnectionLine extends PacketTuple {
  readonly time: string;
  readonly verdict: Logged['verdict'];
  readonly direction: Logged['direction'];
  readonly project_id: string;
  readonly network_id: string;
  readonly port_id: string;
  /** The rule that let it through; what is dropped has none. */
  readonly rule_id: string | null;
  readonly security_group_id: string | null;
  readonly host: string;
  /** The logs that asked for it. */
  readonly logs: readonly string[];
}

export interface ConnectionLogOptions {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where lines go besides; absent: nowhere. */
  readonly write?: ((line: ConnectionLine) => void) | undefined;
  /** Each controller tells the others of its hosts, so that one may watch at any of them. */
  readonly others: Notices;
}

type Listener = (line: ConnectionLine) => void;

/** Lines of all hosts together, a second and at once: some tenth of a processor. */
const LINES_PER_SECOND = 2_000;

export class ConnectionLog {
  readonly #options: ConnectionLogOptions;
  readonly #listeners = new Set<Listener>();
  #allowance = LINES_PER_SECOND;
  #filledMs: number;
  #lost = 0;
  #stopListening: (() => void) | undefined;

  constructor(options: ConnectionLogOptions) {
    this.#options = options;
    this.#filledMs = options.clock.now();
  }

  take({ hostId, parameters, metadata, data }: ServicePacket): void {
    if (!this.#mayWrite()) return;
    const { topology, clock } = this.#options;
    const logged = readLogged(parameters);
    const port = topology.get('port', logged.portId);
    const tuple = readTuple(data);
    if (port === undefined || tuple === undefined) return;
    const rule = logged.verdict === 'ACCEPT' ? this.#ruleOf(port, metadata) : undefined;
    const logs = this.#logsFor(port, logged, rule);
    if (logs.length === 0) return;
    this.#tell({
      time: timestampMs(clock.wallTimeMs()),
      verdict: logged.verdict,
      direction: logged.direction,
      ...tuple,
      project_id: port.project_id,
      network_id: port.network_id,
      port_id: port.id,
      rule_id: rule?.id ?? null,
      security_group_id: rule?.security_group_id ?? null,
      host: hostId,
      logs: logs.map(({ id }) => id),
    });
  }

  /** Tells each line of any host from now on, until the function that is given back is called. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#stopListening ??= this.#options.others.listen((line) => {
      this.#show(line as ConnectionLine);
    });
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stopListening?.();
      this.#stopListening = undefined;
    };
  }

  #tell(line: ConnectionLine): void {
    this.#options.write?.(line);
    this.#options.others.publish(line);
    this.#show(line);
  }

  #show(line: ConnectionLine): void {
    for (const listener of this.#listeners) listener(line);
  }

  /** The rule whose mark the packet bears, of those that judge the port. */
  #ruleOf(port: Port, metadata: ServicePacket['metadata']): SecurityGroupRule | undefined {
    const { topology } = this.#options;
    const mark = ruleMarkIn(metadata);
    for (const groupId of port.security_groups) {
      for (const rule of topology.members('rulesOfGroup', groupId).values()) {
        if (ruleMark(rule.id) === mark) return rule;
      }
    }
    return undefined;
  }

  /** A log of a group tells what the rules of that group let through, and no other group's. */
  #logsFor(port: Port, { verdict }: Logged, rule: SecurityGroupRule | undefined): NetworkLog[] {
    const isMeant = ({ event, resource_id: groupId }: NetworkLog): boolean =>
      (event === 'ALL' || event === verdict) &&
      (groupId === null || verdict === 'DROP' || rule?.security_group_id === groupId);
    return [...logsAt(this.#options.topology, port)].filter(isMeant);
  }

  /** Logs the 1st, 2nd, 4th, 8th … that is left out: a flood cannot fill that log, either. */
  #mayWrite(): boolean {
    const { clock, log } = this.#options;
    const now = clock.now();
    const earned = ((now - this.#filledMs) / 1000) * LINES_PER_SECOND;
    this.#allowance = Math.min(LINES_PER_SECOND, this.#allowance + earned);
    this.#filledMs = now;
    if (this.#allowance >= 1) {
      this.#allowance -= 1;
      return true;
    }
    this.#lost += 1;
    if ((this.#lost & (this.#lost - 1)) === 0) {
      log.warn('More connections are logged than are written down.', { lost: this.#lost });
    }
    return false;
  }
}
