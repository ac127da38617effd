/**
 * Which units of logged ports a change touches (scope.ts): those of ports that a changed log may
 * look at, and those of ports that came, went, moved or changed.
 */
import { hostsOf } from './binding.ts';
import type { NetworkLog } from './network-log.ts';
import { loggedEvents, portsOfLog } from './port-logs.ts';
import { type AnyRecord, type Change, type RecordKey, splitKey } from './records.ts';
import type { Topology } from './topology.ts';

export type LogUnitKey = `port-log/${string}`;

interface Sink {
  add(hostId: string, key: LogUnitKey): void;
}

export class LogScope {
  readonly #topology: Topology;
  readonly #scope: Sink;
  readonly #ports = new Set<string>();
  readonly #logs: NetworkLog[] = [];
  readonly #hosts = new Set<string>();

  /** Looks at the state before the change. */
  constructor(topology: Topology, change: Change, scope: Sink) {
    this.#topology = topology;
    this.#scope = scope;
    for (const key of change.deletes) this.#note(key);
    for (const { key, value } of change.puts) this.#note(key, value);
    this.#collect();
  }

  /** Looks at the state after it. */
  finish(): void {
    this.#collect();
  }

  #note(key: RecordKey, after?: AnyRecord): void {
    const { kind, id } = splitKey(key);
    if (kind === 'port' || kind === 'binding') this.#ports.add(id);
    else if (kind === 'host') this.#hosts.add(id);
    else if (kind === 'log') {
      const logs = [this.#topology.get('log', id), after as NetworkLog | undefined];
      this.#logs.push(...logs.filter((log) => log !== undefined));
    }
  }

  #collect(): void {
    for (const portId of this.#ports) this.#add(portId);
    for (const log of this.#logs) {
      for (const portId of portsOfLog(this.#topology, log)) this.#add(portId);
    }
    for (const hostId of this.#hosts) {
      for (const key of logKeysOf(this.#topology, hostId)) this.#scope.add(hostId, key);
    }
  }

  #add(portId: string): void {
    if (!isLogged(this.#topology, portId)) return;
    for (const hostId of hostsOf(this.#topology.get('binding', portId))) {
      this.#scope.add(hostId, `port-log/${portId}`);
    }
  }
}

/** The keys of all that a host has, or would have if its ports were up and secured. */
export function* logKeysOf(topology: Topology, hostId: string): Generator<LogUnitKey> {
  if (topology.count('log') === 0) return;
  for (const portId of topology.members('bindingsOfHost', hostId).keys()) {
    if (isLogged(topology, portId)) yield `port-log/${portId}`;
  }
}

function isLogged(topology: Topology, portId: string): boolean {
  const port = topology.get('port', portId);
  return port !== undefined && loggedEvents(topology, port) !== undefined;
}
