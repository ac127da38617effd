/**
 * What the fleet tells its user: facts, attachments, packets, status, drift. Plain data, no
 * behaviour.
 */
import type { Match } from '../openflow/index.ts';
import type { Service } from '../pipeline/index.ts';

/** What a host says about itself over OVSDB, before anything is configured on it. */
export interface HostFacts {
  /** Open_vSwitch `external_ids:system-id`. */
  readonly id: string;
  /** Open_vSwitch `external_ids:hostname`; the system-id where the host gives none. */
  readonly hostname: string;
  /** Underlay address of its tunnels; absent until the host (or its operator) has set one. */
  readonly encapIp: string | undefined;
  readonly encapType: 'geneve' | 'vxlan';
  /** Open_vSwitch `ovs_version`; empty where the host's start script does not write it. */
  readonly ovsVersion: string;
  /** `datapath_type` that br-int has, or will get at enrolment: 'system' or 'netdev'. */
  readonly datapathType: string;
  /** Whether flows may match the ND reserved and options-type fields (ovs-fields(7)). */
  readonly ndExtensions: boolean;
  /** Whether its way out is known, and takes queues of ours: see `uplink.ts`. */
  readonly egressQueues: boolean;
  /** Where the host's OVSDB connection comes from, for logs and people. */
  readonly remoteAddress: string;
}

/** One VIF that somebody plugged into br-int and that OVS has given a port number. */
export interface Attachment {
  readonly interface: string;
  /** OpenFlow port number, 1 to 65279. */
  readonly ofport: number;
  /**
   * Interface `external_ids:iface-id`, else `xs-vif-uuid`, else `container_id`: the port it claims
   * to be. Of several that claim the same, one that is not `iface-status=inactive`.
   */
  readonly ifaceId: string;
}

/**
 * connected: speaks OVSDB, not ours. enrolling: ours, OVSDB rows being written or no OpenFlow
 * channel yet. syncing: being compared and repaired. ready: holds what it should, apart from
 * `pending`. fenced: a controller with a newer epoch owns it; we write nothing. lost: no OVSDB
 * connection.
 */
export type HostState = 'connected' | 'enrolling' | 'syncing' | 'ready' | 'fenced' | 'lost';

export interface HostStatus {
  readonly id: string;
  readonly state: HostState;
  /** The highest revision that the host's switch has acknowledged; 0 before the first. */
  readonly realizedRevision: number;
  /** Updates handed over and not yet acknowledged. */
  readonly pending: number;
  /** Milliseconds since the oldest of them was handed over; 0 when there is none. */
  readonly lagMs: number;
  readonly flowModsSent: number;
  readonly groupModsSent: number;
  readonly meterModsSent: number;
  readonly bundles: number;
  /** Packets of guests that were handed to services. */
  readonly packetIns: number;
  /** Those that were not: too many waited, or no service was named. */
  readonly packetInsDropped: number;
  /** OVSDB transactions that changed rows at enrolment or repaired them. */
  readonly rowsWritten: number;
  /** OpenFlow channels after the first. */
  readonly reconnects: number;
  /** Flows, groups and meters that an audit had to put right, in all. */
  readonly driftRepaired: number;
  /** Wall time in ms since 1970 of the last complete audit. */
  readonly lastAudit: number | undefined;
  readonly errors: number;
  readonly lastError: string | undefined;
}

/** How a switch differs from what it should hold, as far as was looked: nothing is repaired. */
export interface Inspection {
  /** Names of the tables whose marker differs; `groups` and `meters` stand for these. */
  readonly tables: readonly string[];
  /** Of the flows that were asked for, by key. */
  readonly flows: ReadonlyMap<string, 'missing' | 'changed'>;
}

/** What a flow of a switch has counted since it was made, or took the place of another. */
export interface FlowCount {
  /** Of the flow: the same while its table, priority and match are. */
  readonly name: string;
  /** Of the unit that it belongs to. */
  readonly cookie: bigint;
  readonly packets: number;
  readonly bytes: number;
  /** Milliseconds since it was made. */
  readonly ageMs: number;
  /** Milliseconds since its last packet, in whole seconds; of no meaning before the first. */
  readonly idleMs: number;
}

/** What an audit found different on the switch, and repaired. */
export interface DriftReport {
  readonly flowsMissing: number;
  readonly flowsChanged: number;
  readonly flowsForeign: number;
  readonly groupsMissing: number;
  readonly groupsChanged: number;
  readonly groupsForeign: number;
  readonly metersMissing: number;
  readonly metersChanged: number;
  readonly metersForeign: number;
}

/** A packet of a guest that a flow handed to the owner of its host. */
export interface ServicePacket {
  readonly hostId: string;
  readonly service: Service;
  /** What the flow says to the service besides. */
  readonly parameters: Buffer;
  /** Of the flow: which unit it belongs to. */
  readonly cookie: bigint;
  /** OpenFlow port that it came from. */
  readonly ofport: number;
  /** VNI of the network that it was in. */
  readonly vni: number;
  /** in_port, metadata and registers as they were at the flow. */
  readonly metadata: Match;
  /** The whole frame. */
  readonly data: Buffer;
}

export function driftTotal(report: DriftReport): number {
  return Object.values(report).reduce((sum: number, count: number) => sum + count, 0);
}

/** Callbacks of the fleet's user; they must return at once and may call the fleet again. */
export interface FleetEvents {
  /** A host has connected, or its facts have changed. */
  hostIdentified(facts: HostFacts): void;
  /** The whole list, each time it changes; also once, after `hostIdentified`. */
  attachments(hostId: string, list: readonly Attachment[]): void;
  /** The host's switch has acknowledged everything up to this revision. */
  realized(hostId: string, revision: number): void;
  /** The host's OVSDB connection has ended. What was adopted stays adopted for its return. */
  hostLost(hostId: string, reason: string): void;
  /** A guest of a host of ours asks a service; `Fleet.sendPacket` takes the answer. */
  packetIn(packet: ServicePacket): void;
  /** An audit found and repaired differences. */
  drift(hostId: string, report: DriftReport): void;
  /**
   * The switch serves a controller with a newer epoch; the fleet has stopped writing to the host.
   */
  fenced?(hostId: string, epoch: bigint): void;
}
