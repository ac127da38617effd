/**
 * Which units a change of names touches (scope.ts): those of networks whose first port gets a name,
 * or whose last one loses it. Any other name is the controller's alone to know.
 */
import { hasNames } from './dns.ts';
import type { Port } from './port.ts';
import { type Change, splitKey } from './records.ts';
import type { Topology } from './topology.ts';

interface Sink {
  add(hostId: string, key: `network/${string}`): void;
}

export class DnsScope {
  readonly #topology: Topology;
  readonly #scope: Sink;
  /** Whether networks of changed ports had names. */
  readonly #before = new Map<string, boolean>();

  /** Looks at the state before the change. */
  constructor(topology: Topology, change: Change, scope: Sink) {
    this.#topology = topology;
    this.#scope = scope;
    const touched = [...change.deletes, ...change.puts.map(({ key }) => key)];
    for (const key of touched) {
      const { kind, id } = splitKey(key);
      if (kind === 'port') this.#note(topology.get('port', id));
    }
    for (const { key, value } of change.puts) {
      if (splitKey(key).kind === 'port') this.#note(value as Port);
    }
  }

  /** Looks at the state after it. */
  finish(): void {
    for (const [networkId, before] of this.#before) {
      if (hasNames(this.#topology, networkId) === before) continue;
      for (const hostId of this.#topology.hostsOfNetwork(networkId)) {
        this.#scope.add(hostId, `network/${networkId}`);
      }
    }
  }

  #note(port: Port | undefined): void {
    if (port === undefined || port.dns_name === '') return;
    this.#before.set(port.network_id, hasNames(this.#topology, port.network_id));
  }
}
