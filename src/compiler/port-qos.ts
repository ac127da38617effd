/** What a port's QoS policy says, as meters, marks and a queue. */
import {
  bandwidthMeter,
  type MeterDraft,
  type MeterKind,
  packetMeter,
  portMeter,
  portQueue,
  type QueueDraft,
} from '../pipeline/index.ts';
import {
  type Host,
  type Port,
  type QosRule,
  qosRulesOf,
  type Topology,
} from '../topology/index.ts';

/** egress: from the VM. ingress: to the VM. */
type Direction = 'egress' | 'ingress';

/** The meters that packets of a direction go through, at most one of a kind. */
export type PortQos = Readonly<Record<Direction, readonly MeterDraft[]>> & {
  /** The code point of IP packets that the port sends; undefined leaves them as they are. */
  readonly dscp: number | undefined;
  /** What it is promised on the way out; undefined where nothing is, or the host's is not known. */
  readonly queue: QueueDraft | undefined;
};

export function portQos(topology: Topology, host: Host, port: Port, ofport: number): PortQos {
  const rules = qosRulesOf(topology, port);
  const inDirection = (direction: Direction) => [
    ...new Map(
      rules
        .map((rule) => meterOf(rule, direction, ofport))
        .filter((meter) => meter !== undefined)
        .map((meter) => [meter.meterId, meter]),
    ).values(),
  ];
  return {
    egress: inDirection('egress'),
    ingress: inDirection('ingress'),
    dscp: rules.find((rule) => rule.type === 'dscp_marking')?.dscp_mark,
    queue: host.egress_queues ? queueOf(rules, ofport) : undefined,
  };
}

function queueOf(rules: readonly QosRule[], ofport: number): QueueDraft | undefined {
  const promise = rules
    .filter((rule) => rule.type === 'minimum_bandwidth')
    .find(({ direction, min_kbps }) => direction === 'egress' && min_kbps > 0);
  return promise && portQueue(ofport, promise.min_kbps);
}

/** Part of the rate that is the burst when a rule names none, as in Neutron. */
const BURST_PER_RATE = 0.8;

/**
 * The largest IP packet, in kilobits. A meter whose burst is smaller would let none through; guests
 * that leave segmentation to their NIC send such packets, and the kernel's datapath meters them
 * before they are cut.
 */
const KBIT_OF_LARGEST_PACKET = 525;

const PACKETS_PER_KPPS = 1000;
const U32_MAX = 2 ** 32 - 1;

function meterOf(rule: QosRule, direction: Direction, ofport: number): MeterDraft | undefined {
  const meterId = (kind: MeterKind) => portMeter(kind, ofport);
  switch (rule.type) {
    case 'bandwidth_limit': {
      if (rule.direction !== direction || rule.max_kbps === 0) return undefined;
      const { rate, burst } = limitOf(rule.max_kbps, rule.max_burst_kbps);
      const enough = Math.max(burst, KBIT_OF_LARGEST_PACKET);
      return bandwidthMeter(meterId(`${direction}-bandwidth`), { rate, burst: enough });
    }
    case 'packet_rate_limit': {
      if (rule.direction !== direction || rule.max_kpps === 0) return undefined;
      const limit = limitOf(
        rule.max_kpps * PACKETS_PER_KPPS,
        rule.max_burst_kpps * PACKETS_PER_KPPS,
      );
      return packetMeter(meterId(`${direction}-packets`), limit);
    }
    default:
      return undefined;
  }
}

/** Meters hold 32 bits; of what is more nobody is limited. */
function limitOf(rate: number, burst: number): { rate: number; burst: number } {
  const given = burst === 0 ? Math.ceil(rate * BURST_PER_RATE) : burst;
  return { rate: Math.min(rate, U32_MAX), burst: Math.min(given, U32_MAX) };
}
