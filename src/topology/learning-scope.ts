/**
 * Which units a change touches because of MAC-learning ports (scope.ts): those of the networks that
 * they are in, which say where such ports are, and those of the addresses that they have, on the
 * hosts of the port.
 */
import { hostsOf } from './binding.ts';
import type { LearnedMac } from './learned-mac.ts';
import { learningPlaces } from './learning-places.ts';
import { hasLearners, learnsMacs } from './mac-learning.ts';
import type { Port } from './port.ts';
import { type AnyRecord, type Change, type RecordKey, recordKey, splitKey } from './records.ts';
import type { Topology } from './topology.ts';

/** `learned-mac/<network>/<MAC address>`, as its record is called. */
export type LearnedUnitKey = `learned-mac/${string}`;

interface Sink {
  add(hostId: string, key: LearnedUnitKey | `network/${string}`): void;
}

/** Where the learning ports of a network are. */
interface Learners {
  readonly isAny: boolean;
  /** Their numbers, by host. */
  readonly hosts: ReadonlyMap<string, string>;
}

type Written = ReadonlyMap<RecordKey, AnyRecord>;

export class LearningScope {
  readonly #topology: Topology;
  readonly #scope: Sink;
  readonly #before = new Map<string, Learners>();
  readonly #ports = new Set<string>();
  readonly #networks = new Set<string>();
  readonly #hosts = new Set<string>();

  /** Looks at the state before the change. */
  constructor(topology: Topology, change: Change, scope: Sink) {
    this.#topology = topology;
    this.#scope = scope;
    const written = new Map(change.puts.map(({ key, value }) => [key, value]));
    for (const key of new Set([...change.deletes, ...written.keys()])) this.#note(key, written);
    this.#collect();
  }

  /** Looks at the state after it. */
  finish(): void {
    for (const [networkId, before] of this.#before) this.#compare(networkId, before);
    this.#collect();
  }

  #note(key: RecordKey, written: Written): void {
    const { kind, id } = splitKey(key);
    switch (kind) {
      case 'network':
        return void this.#networks.add(id);
      case 'host':
        return void this.#hosts.add(id);
      case 'learned_mac':
        return this.#noteLearned(id, written.get(key) as LearnedMac | undefined);
      case 'port':
      case 'binding':
        return this.#notePort(id, written);
      default:
        return;
    }
  }

  #noteLearned(id: string, after: LearnedMac | undefined): void {
    for (const record of [this.#topology.get('learned_mac', id), after]) {
      if (record !== undefined) this.#ports.add(record.port_id);
    }
  }

  #notePort(id: string, written: Written): void {
    this.#ports.add(id);
    const after = written.get(recordKey('port', id)) as Port | undefined;
    for (const port of [this.#topology.get('port', id), after]) {
      if (port === undefined || !learnsMacs(port) || this.#before.has(port.network_id)) continue;
      this.#before.set(port.network_id, this.#learners(port.network_id));
    }
  }

  #learners(networkId: string): Learners {
    const hosts = new Map<string, string>();
    for (const { host_id, ofport } of learningPlaces(this.#topology, networkId)) {
      hosts.set(host_id, `${hosts.get(host_id) ?? ''} ${ofport}`);
    }
    return { isAny: hasLearners(this.#topology, networkId), hosts };
  }

  /** All hosts send to those that have learning ports, these send to the ports. */
  #compare(networkId: string, before: Learners): void {
    const after = this.#learners(networkId);
    const hosts = new Set([...before.hosts.keys(), ...after.hosts.keys()]);
    const differing = [...hosts].filter((id) => before.hosts.get(id) !== after.hosts.get(id));
    const isElsewhere =
      before.isAny !== after.isAny ||
      differing.some((id) => before.hosts.has(id) !== after.hosts.has(id));
    for (const id of isElsewhere ? this.#topology.hostsOfNetwork(networkId) : differing) {
      this.#scope.add(id, `network/${networkId}`);
    }
  }

  #collect(): void {
    const topology = this.#topology;
    if (topology.count('learned_mac') === 0) return;
    for (const portId of this.#ports) {
      const learned = topology.members('learnedMacsOfPort', portId).keys();
      for (const id of learned) this.#add(portId, id);
    }
    for (const networkId of this.#networks) {
      const learned = topology.members('learnedMacsOfNetwork', networkId);
      for (const [id, { port_id }] of learned) this.#add(port_id, id);
    }
    for (const hostId of this.#hosts) {
      for (const key of learnedKeysOf(topology, hostId)) this.#scope.add(hostId, key);
    }
  }

  #add(portId: string, id: string): void {
    if (!isLearning(this.#topology, portId)) return;
    for (const hostId of hostsOf(this.#topology.get('binding', portId))) {
      this.#scope.add(hostId, `learned-mac/${id}`);
    }
  }
}

/** The keys of all that a host has, or would have if its ports were up. */
export function* learnedKeysOf(topology: Topology, hostId: string): Generator<LearnedUnitKey> {
  if (topology.count('learned_mac') === 0) return;
  for (const portId of topology.members('bindingsOfHost', hostId).keys()) {
    if (!isLearning(topology, portId)) continue;
    for (const id of topology.members('learnedMacsOfPort', portId).keys())
      yield `learned-mac/${id}`;
  }
}

function isLearning(topology: Topology, portId: string): boolean {
  const port = topology.get('port', portId);
  return port !== undefined && learnsMacs(port);
}
