/** One controller as serve.ts makes it, in the test's own process: real Redis, real fleet, no HTTP. */
import { until } from '../../lab/exec.ts';
import type { Ovs } from '../../lab/ovs.ts';
import type { ApiBackend } from '../../src/api/index.ts';
import { Controller, createNeutron, NO_QUOTAS, RuleStats } from '../../src/controller/index.ts';
import type { ConnectionLine } from '../../src/controller/logs/connection-log.ts';
import type { ResourceCollection } from '../../src/controller/neutron/resource.ts';
import type { ServerEvent } from '../../src/controller/server-events.ts';
import { Fleet } from '../../src/fleet/index.ts';
import { keyedHash } from '../../src/lib/keyed-hash.ts';
import { nullLogger as log } from '../../src/lib/log.ts';
import { systemClock as clock, systemRandom as random } from '../../src/lib/system.ts';
import { type RedisAddress, Store } from '../../src/store/index.ts';
import { type Port, Topology } from '../../src/topology/index.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const requester = { userId: 'test', projectId: 'test', isAdmin: true };

export interface RegionOptions {
  readonly redis: RedisAddress;
  readonly controllerId?: string;
  readonly leaseMs?: number;
  /** Ports of an earlier controller, which hosts still dial. */
  readonly ports?: Fleet['ports'];
  readonly tellServers?: (event: ServerEvent) => void;
  readonly writeConnection?: (line: ConnectionLine) => void;
}

export class Region {
  readonly topology: Topology;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly controller: Controller;
  readonly neutron: ReturnType<typeof createNeutron>;

  private constructor(store: Store, options: RegionOptions) {
    const topology = new Topology();
    this.topology = topology;
    this.store = store;
    this.fleet = new Fleet({
      clock,
      random,
      log,
      ovsdb: { ...LOOPBACK, port: options.ports?.ovsdb ?? 0, dial: [] },
      openflow: { ...LOOPBACK, port: options.ports?.openflow ?? 0, advertise: undefined },
      auditIntervalMs: 3_600_000,
    });
    const { controllerId = 'test', leaseMs = 10_000, tellServers, writeConnection } = options;
    const parts = { topology, store, fleet: this.fleet, clock, log };
    this.controller = new Controller({
      ...parts,
      controllerId,
      leaseMs,
      tellServers,
      dnsDomain: '',
      hash: keyedHash('test'),
      writeConnection,
    });
    this.neutron = createNeutron({
      topology,
      store,
      clock,
      random,
      quotaDefaults: NO_QUOTAS,
      dnsDomain: '',
      hosts: () => this.controller.hosts(),
      foreseen: (port) => this.controller.foreseen(port),
      self: { region: 'test', controllerId, startedAt: 0 },
    });
  }

  static async start(options: RegionOptions): Promise<Region> {
    const { redis } = options;
    const store = await Store.open({ redis, region: 'test', clock, random, log });
    const region = new Region(store, options);
    await store.subscribe(region.controller.subscriber());
    await region.fleet.start(region.controller.fleetEvents());
    return region;
  }

  /** What the API stands on. */
  backend(): ApiBackend {
    const { topology, store, controller } = this;
    const ruleStats = new RuleStats({ topology, store, clock, keeper: controller.hits });
    return { ...this.neutron, operations: controller, ruleStats };
  }

  /** All that the operator of a host does; resolves when the host is ready. */
  async enrol(ovs: Ovs, encapIp: string): Promise<void> {
    await ovs.vsctl('set', 'Open_vSwitch', '.', `external_ids:heddle-encap-ip=${encapIp}`);
    await ovs.vsctl('set-manager', `tcp:127.0.0.1:${this.fleet.ports.ovsdb}`);
    await this.ready(ovs.systemId);
  }

  async ready(hostId: string): Promise<void> {
    const isReady = (): boolean => this.fleet.status(hostId)?.state === 'ready';
    await until(isReady, `host ${hostId} to be ready`);
  }

  async createNetwork(): Promise<string> {
    const { value } = await this.collection('networks').create([{ name: 'net' }], { requester });
    const id = String(value[0]?.['id']);
    await this.collection('subnets').create(
      [{ network_id: id, ip_version: 4, cidr: '10.0.0.0/24' }],
      { requester },
    );
    return id;
  }

  /** Creates a port; its id. */
  async createPort(networkId: string, attributes: object = {}): Promise<string> {
    const body = { network_id: networkId, ...attributes };
    const { value } = await this.collection('ports').create([body], { requester });
    return String(value[0]?.['id']);
  }

  collection(plural: string): ResourceCollection {
    const found = this.neutron.collections.find((collection) => collection.plural === plural);
    if (found === undefined) throw new Error(`no collection ${plural}`);
    return found;
  }

  /** What the API shows of a port. */
  show(id: string): Readonly<Record<string, unknown>> {
    return this.collection('ports').find(id, { requester }) ?? {};
  }

  /** Waits for what the API shows of a port. */
  async port(id: string, attributes: Partial<Port> & Record<string, unknown>): Promise<void> {
    const shows = (): boolean =>
      Object.entries(attributes).every(([name, value]) => this.show(id)[name] === value);
    await until(shows, `port ${id} to be ${JSON.stringify(attributes)}`);
  }

  /** Waits until every host has realised what is committed by now. */
  async settled(): Promise<void> {
    const { signal } = new AbortController();
    const result = await this.controller.waitRealized(this.topology.revision, 10_000, signal);
    if (!result.realized) throw new Error(`hosts lag: ${result.lagging.join(', ')}`);
  }

  async stop(): Promise<void> {
    await this.controller.stop();
    await this.fleet.stop();
    await this.store.close();
  }
}

/** Plugs a VIF the way hypervisors do. */
export async function plug(ovs: Ovs, name: string, portId: string): Promise<void> {
  const ids = `external_ids:iface-id=${portId}`;
  await ovs.vsctl('add-port', 'br-int', name, '--', 'set', 'Interface', name, ids);
}

export async function unplug(ovs: Ovs, name: string): Promise<void> {
  await ovs.vsctl('--if-exists', 'del-port', 'br-int', name);
}
