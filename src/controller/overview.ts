/** A host as operators see it: the record, the session and the problem in one row. */
import type { HostStatus } from '../fleet/index.ts';
import { type Host, type Topology, timestamp } from '../topology/index.ts';

/** Times are milliseconds; counters start with the process. */
export interface HostOverview {
  readonly id: string;
  readonly hostname: string;
  readonly state: string;
  readonly encap_ip: string | null;
  readonly encap_type: string | null;
  readonly ovs_version: string | null;
  readonly realized_revision: number;
  readonly pending: number;
  readonly lag_ms: number;
  readonly flow_mods_sent: number;
  readonly group_mods_sent: number;
  readonly meter_mods_sent: number;
  readonly packet_ins: number;
  readonly packet_ins_dropped: number;
  readonly drift_repaired: number;
  readonly last_audit: string | null;
  readonly errors: readonly string[];
}

export function overview(
  topology: Topology,
  sessions: readonly HostStatus[],
  problems: (hostId: string) => readonly string[],
): HostOverview[] {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const recorded = [...topology.list('host')];
  const ids = new Set([...recorded.map(({ id }) => id), ...byId.keys()]);
  return [...ids]
    .sort()
    .map((id) =>
      row(id, topology.get('host', id), { session: byId.get(id), problems: problems(id) }),
    );
}

interface Present {
  readonly session: HostStatus | undefined;
  readonly problems: readonly string[];
}

function row(id: string, host: Host | undefined, { session, problems }: Present): HostOverview {
  const { lastError } = session ?? {};
  const errors = lastError === undefined ? problems : [...problems, lastError];
  return {
    id,
    hostname: host?.hostname ?? id,
    encap_ip: host?.encap_ip ?? null,
    encap_type: host?.encap_type ?? null,
    ovs_version: host?.ovs_version ?? null,
    errors,
    ...counters(session),
  };
}

type Counters = Omit<
  HostOverview,
  'id' | 'hostname' | 'encap_ip' | 'encap_type' | 'ovs_version' | 'errors'
>;

const NOTHING_YET: Counters = {
  state: 'lost',
  realized_revision: 0,
  pending: 0,
  lag_ms: 0,
  flow_mods_sent: 0,
  group_mods_sent: 0,
  meter_mods_sent: 0,
  packet_ins: 0,
  packet_ins_dropped: 0,
  drift_repaired: 0,
  last_audit: null,
};

function counters(session: HostStatus | undefined): Counters {
  if (session === undefined) return NOTHING_YET;
  const { lastAudit } = session;
  return {
    state: session.state,
    realized_revision: session.realizedRevision,
    pending: session.pending,
    lag_ms: Math.round(session.lagMs),
    flow_mods_sent: session.flowModsSent,
    group_mods_sent: session.groupModsSent,
    meter_mods_sent: session.meterModsSent,
    packet_ins: session.packetIns,
    packet_ins_dropped: session.packetInsDropped,
    drift_repaired: session.driftRepaired,
    last_audit: lastAudit === undefined ? null : timestamp(lastAudit),
  };
}
