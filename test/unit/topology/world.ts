/** A topology filled by the same functions that serve requests, for the tests of this folder. */
import { systemRandom } from '../../../src/lib/system.ts';
import {
  type AnyRecord,
  carriageOf,
  freshNetwork,
  freshPort,
  freshSubnet,
  IntentError,
  type Kind,
  NETWORK_ATTRIBUTES,
  type Network,
  PORT_ATTRIBUTES,
  type Port,
  placedAt,
  readCreate,
  readUpdate,
  recordKey,
  SUBNET_ATTRIBUTES,
  type Subnet,
  Topology,
  updatedPort,
} from '../../../src/topology/index.ts';

export const AT = '2026-01-01T00:00:00Z';
export const LATER = '2026-01-02T00:00:00Z';

export const readNetworkCreate = (body: unknown) => {
  const given = readCreate(NETWORK_ATTRIBUTES, body);
  carriageOf(given);
  return given;
};
export const readNetworkUpdate = (body: unknown) => readUpdate(NETWORK_ATTRIBUTES, body);
export const readSubnetCreate = (body: unknown) => readCreate(SUBNET_ATTRIBUTES, body);
export const readSubnetUpdate = (body: unknown) => readUpdate(SUBNET_ATTRIBUTES, body);
export const readPortCreate = (body: unknown) => readCreate(PORT_ATTRIBUTES, body);
export const readPortUpdate = (body: unknown) => readUpdate(PORT_ATTRIBUTES, body);

export class World {
  readonly topology = new Topology();
  readonly reservations = new Set<string>();
  readonly random = systemRandom;
  #count = 0;

  save<T extends AnyRecord>(kind: Kind, id: string, value: T): T {
    const puts = [{ key: recordKey(kind, id), value }];
    this.topology.apply({ revision: this.topology.revision + 1, at: AT, puts, deletes: [] });
    return value;
  }

  birth(id?: string) {
    return { id: id ?? uuid(++this.#count), projectId: 'tenant', at: AT };
  }

  network(body: object = {}): Network {
    const network = freshNetwork(readNetworkCreate(body), this.birth(), this);
    return this.save('network', network.id, network);
  }

  subnet(network: Network, body: object): Subnet {
    const given = readSubnetCreate({ network_id: network.id, ip_version: 4, ...body });
    const siblings = this.topology.members('subnetsOfNetwork', network.id).values();
    const subnet = freshSubnet(placedAt(given), this.birth(), network, siblings);
    return this.save('subnet', subnet.id, subnet);
  }

  port(network: Network, body: object = {}): Port {
    const given = readPortCreate({ network_id: network.id, ...body });
    const port = freshPort(given, this.birth(), network, this);
    return this.save('port', port.id, port);
  }

  updatePort(port: Port, body: object): Port {
    return this.save('port', port.id, updatedPort(port, readPortUpdate(body), LATER, this));
  }
}

export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** What a request is refused with, as `[type, status, message]`. */
export function refusal(work: () => unknown): [string, number, string] {
  try {
    work();
  } catch (error) {
    if (error instanceof IntentError) return [error.type, error.status, error.message];
    throw error;
  }
  throw new Error('it was not refused');
}
