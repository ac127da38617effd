/** A fleet and sandbox hosts for integration tests: what the controller would do, by hand. */
import { until } from '../../lab/exec.ts';
import type { Ovs } from '../../lab/ovs.ts';
import { type SwitchConfig, switchConfig } from '../../src/compiler/index.ts';
import {
  type Attachment,
  type DriftReport,
  Fleet,
  type FleetEvents,
  type HostFacts,
  type HostStatus,
  type ServicePacket,
} from '../../src/fleet/index.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type LogFields, type Logger, nullLogger } from '../../src/lib/log.ts';
import { systemClock, systemRandom } from '../../src/lib/system.ts';
import {
  Classifier,
  type CompiledUnit,
  copyBucket,
  copyToAll,
  encodeUnit,
  floodLocalGroup,
  L2Forwarding,
  OutputPort,
  PortSecurityEth,
  PRIORITY,
  TunnelMtu,
} from '../../src/pipeline/index.ts';

export interface LogLine extends LogFields {
  readonly message: string;
}

/** Everything a fleet has told, in order, by kind. */
export class FleetRecord implements FleetEvents {
  readonly facts: HostFacts[] = [];
  readonly attached: { hostId: string; list: readonly Attachment[] }[] = [];
  readonly realizations: { hostId: string; revision: number }[] = [];
  readonly lost: { hostId: string; reason: string }[] = [];
  readonly drifts: { hostId: string; report: DriftReport }[] = [];
  readonly packets: ServicePacket[] = [];
  readonly fences: { hostId: string; epoch: bigint }[] = [];
  readonly lines: LogLine[] = [];

  hostIdentified(facts: HostFacts): void {
    this.facts.push(facts);
  }

  attachments(hostId: string, list: readonly Attachment[]): void {
    this.attached.push({ hostId, list });
  }

  realized(hostId: string, revision: number): void {
    this.realizations.push({ hostId, revision });
  }

  hostLost(hostId: string, reason: string): void {
    this.lost.push({ hostId, reason });
  }

  packetIn(packet: ServicePacket): void {
    this.packets.push(packet);
  }

  drift(hostId: string, report: DriftReport): void {
    this.drifts.push({ hostId, report });
  }

  fenced(hostId: string, epoch: bigint): void {
    this.fences.push({ hostId, epoch });
  }

  /** A logger whose lines a test can look at. */
  logger(fields: LogFields = {}): Logger {
    const take = (message: string, more: LogFields = {}): void => {
      this.lines.push({ ...fields, ...more, message });
    };
    return {
      ...nullLogger,
      info: take,
      warn: take,
      error: take,
      child: (more) => this.logger({ ...fields, ...more }),
    };
  }
}

export interface StartedFleet {
  readonly fleet: Fleet;
  readonly record: FleetRecord;
}

/** A fleet on loopback ports of the system's choice. Audits only when asked, unless told. */
export async function startFleet(
  options: {
    clock?: Clock;
    ports?: Fleet['ports'];
    auditIntervalMs?: number;
    dial?: string[];
  } = {},
): Promise<StartedFleet> {
  const { ports } = options;
  const record = new FleetRecord();
  const fleet = new Fleet({
    clock: options.clock ?? systemClock,
    random: systemRandom,
    log: record.logger(),
    ovsdb: { host: '127.0.0.1', port: ports?.ovsdb ?? 0, dial: options.dial ?? [] },
    openflow: { host: '127.0.0.1', port: ports?.openflow ?? 0, advertise: undefined },
    auditIntervalMs: options.auditIntervalMs ?? 3_600_000,
  });
  await fleet.start(record);
  return { fleet, record };
}

/** All that the operator of a host does. */
export async function join(ovs: Ovs, fleet: Fleet): Promise<void> {
  await ovs.vsctl('set-manager', `tcp:127.0.0.1:${fleet.ports.ovsdb}`);
}

/** Makes a sandbox as fresh as it was, apart from its daemons. */
export async function resetHost(ovs: Ovs): Promise<void> {
  await ovs.vsctl('del-manager', '--', '--if-exists', 'del-br', 'br-int');
  await ovs.vsctl('set', 'Open_vSwitch', '.', `external_ids={system-id=${ovs.systemId}}`);
}

/** The OVSDB side of a host, as the compiler gives it. */
export function configOf(id: string, encapIp = '127.0.0.1'): SwitchConfig {
  return switchConfig({
    id,
    hostname: id,
    encap_ip: encapIp,
    encap_type: 'geneve',
    ovs_version: '3.1.0',
    nd_extensions: true,
    egress_queues: false,
    enrolled_at: '2026-01-01T00:00:00Z',
  });
}

/** A network with one local port per number: flows in three tables and a group. */
export function networkUnit(vni: number, ports: readonly number[]): CompiledUnit {
  const groupId = floodLocalGroup(vni, 0);
  const metadata = BigInt(vni);
  return encodeUnit(`network/${vni}`, ['network', `${vni}`], {
    flows: [
      ...ports.flatMap((port) => [
        Classifier.flow(PRIORITY.normal)
          .match({ in_port: port })
          .setField('metadata', metadata)
          .goto(PortSecurityEth),
        L2Forwarding.flow(PRIORITY.normal)
          .match({ metadata, eth_dst: 0x02_00_00_00_00_00 + port })
          .load(OutputPort, port)
          .goto(TunnelMtu),
      ]),
      L2Forwarding.flow(PRIORITY.exception)
        .match({ metadata, eth_dst: { value: 0x01_00_00_00_00_00, mask: 0x01_00_00_00_00_00 } })
        .group(groupId)
        .done(),
    ],
    groups: [
      copyToAll(
        groupId,
        ports.map((port) => copyBucket({ bucketId: port, actions: [{ type: 'output', port }] })),
      ),
    ],
  });
}

export function unitMap(units: readonly CompiledUnit[]): Map<string, CompiledUnit> {
  return new Map(units.map((unit) => [unit.key, unit]));
}

export function hostReady(fleet: Fleet, id: string): Promise<HostStatus> {
  return until(() => {
    const status = fleet.status(id);
    return status?.state === 'ready' && status.pending === 0 ? status : undefined;
  }, `host ${id} to be ready`) as Promise<HostStatus>;
}
