/** What the controller needs of the fleet, declared by its user. `src/fleet` provides it. */
import type {
  CompiledUnit,
  Counted,
  DesiredState,
  SwitchConfig,
  UnitKey,
} from '../compiler/index.ts';
import type { FlowCount, HostStatus, Inspection, ServicePacket } from '../fleet/index.ts';

export type UnitDelta = ReadonlyMap<UnitKey, CompiledUnit | undefined>;

export interface Adoption {
  /** Number of our ownership term: `generation_id` of the MASTER role, fence of OVSDB writes. */
  readonly epoch: bigint;
  readonly revision: number;
  readonly units: ReadonlyMap<UnitKey, CompiledUnit>;
  readonly config: SwitchConfig;
}

export interface FleetControl {
  /** We own this host now, or its whole desired state is given anew. */
  adopt(hostId: string, adoption: Adoption): void;
  /** The part of a change that touches this host. */
  update(hostId: string, revision: number, delta: UnitDelta): void;
  /** Hosts that a change did not touch have realised it as soon as nothing else is pending. */
  advance(revision: number): void;
  /** We own the host no more: nothing is written to it from now on. */
  release(hostId: string): void;
  /** Sends a frame out of a port of a host of ours; lost when the host is away. Never waits. */
  sendPacket(hostId: string, ofport: number, data: Buffer): void;
  /** Lets a packet that a service was handed go on to where it was sent; as `sendPacket`. */
  passOn(packet: ServicePacket): void;
  hosts(): readonly HostStatus[];
  status(hostId: string): HostStatus | undefined;
  /** What a host should hold; undefined when it is not ours. */
  units(hostId: string): DesiredState['units'] | undefined;
  /** Whether a switch holds these flows, by key. Rejects when it cannot be asked. */
  inspect(hostId: string, keys: Iterable<string>): Promise<Inspection>;
  /**
   * What flows of a switch have counted, of rules or of addresses; asked before what is handed over
   * later. Rejects when it cannot be asked.
   */
  count(hostId: string, counted: Counted): Promise<FlowCount[]>;
}
