/**
 * Records as Redis keeps them: JSON, and of a port only what those of most ports do not say. The
 * rest would be more than half of it, to be written with each port, kept, and read at a start.
 *
 * What a member that is not there means is part of the format: records that were written without it
 * mean that for ever.
 */
import type { AnyRecord, Port, RecordKey } from '../topology/index.ts';

const NONE: readonly never[] = Object.freeze([]);
const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

const USUAL = {
  tags: NONE,
  description: '',
  admin_state_up: true,
  device_id: '',
  device_owner: '',
  port_security_enabled: true,
  mac_learning_enabled: false,
  security_groups: NONE,
  allowed_address_pairs: NONE,
  'binding:host_id': '',
  'binding:vnic_type': 'normal',
  'binding:profile': NOTHING,
  extra_dhcp_opts: NONE,
  dns_name: '',
  dns_domain: '',
  ip_allocation: 'immediate',
  propagate_uplink_status: true,
  data_plane_status: null,
  device_profile: null,
  numa_affinity_policy: null,
  qos_policy_id: null,
  isolation: null,
  isolation_community: null,
} as const satisfies Partial<Port>;

type OptionalMember = {
  [Name in keyof Port]-?: undefined extends Port[Name] ? Name : never;
}[keyof Port];

/** Members that few ports have: all of them, or it does not compile. */
const RARE: Readonly<Record<OptionalMember, true>> = { inactive_bindings: true };
const RARE_NAMES = Object.keys(RARE) as readonly OptionalMember[];

/** A port as it is kept. */
type KeptPort = Omit<Port, keyof typeof USUAL> & Partial<Port>;

const PORT_KEY = 'port/';

export function writeRecord(key: RecordKey, record: AnyRecord): string {
  if (!key.startsWith(PORT_KEY)) return JSON.stringify(record);
  const usual: Readonly<Record<string, unknown>> = USUAL;
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (!(name in usual) || !isSame(usual[name], value)) kept[name] = value;
  }
  return JSON.stringify(kept);
}

export function readRecord(key: RecordKey, text: string): AnyRecord {
  const kept: unknown = JSON.parse(text);
  return key.startsWith(PORT_KEY) ? wholePort(kept as KeptPort) : (kept as AnyRecord);
}

/** Every member by name, so that all ports have one shape, and none that they do not need. */
function wholePort(kept: KeptPort): Port {
  const port: Port = {
    id: kept.id,
    network_id: kept.network_id,
    project_id: kept.project_id,
    name: kept.name,
    description: or(kept.description, USUAL.description),
    mac_address: kept.mac_address,
    fixed_ips: kept.fixed_ips,
    admin_state_up: or(kept.admin_state_up, USUAL.admin_state_up),
    device_id: or(kept.device_id, USUAL.device_id),
    device_owner: or(kept.device_owner, USUAL.device_owner),
    port_security_enabled: or(kept.port_security_enabled, USUAL.port_security_enabled),
    mac_learning_enabled: or(kept.mac_learning_enabled, USUAL.mac_learning_enabled),
    security_groups: or(kept.security_groups, NONE),
    allowed_address_pairs: or(kept.allowed_address_pairs, NONE),
    'binding:host_id': or(kept['binding:host_id'], USUAL['binding:host_id']),
    'binding:vnic_type': or(kept['binding:vnic_type'], USUAL['binding:vnic_type']),
    'binding:profile': or(kept['binding:profile'], NOTHING),
    extra_dhcp_opts: or(kept.extra_dhcp_opts, NONE),
    dns_name: or(kept.dns_name, USUAL.dns_name),
    dns_domain: or(kept.dns_domain, USUAL.dns_domain),
    ip_allocation: or(kept.ip_allocation, USUAL.ip_allocation),
    propagate_uplink_status: or(kept.propagate_uplink_status, USUAL.propagate_uplink_status),
    data_plane_status: or(kept.data_plane_status, null),
    device_profile: or(kept.device_profile, null),
    numa_affinity_policy: or(kept.numa_affinity_policy, null),
    qos_policy_id: or(kept.qos_policy_id, null),
    isolation: or(kept.isolation, null),
    isolation_community: or(kept.isolation_community, null),
    tags: or(kept.tags, NONE),
    revision_number: kept.revision_number,
    created_at: kept.created_at,
    updated_at: kept.updated_at,
  };
  const rare = RARE_NAMES.filter((name) => kept[name] !== undefined);
  if (rare.length === 0) return port;
  return { ...port, ...Object.fromEntries(rare.map((name) => [name, kept[name]])) };
}

/** @param usual a text, a number, a boolean, null, or something empty */
function isSame(usual: unknown, value: unknown): boolean {
  if (usual === value) return true;
  if (usual === null || value === null || typeof usual !== 'object') return false;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function or<Value>(said: Value | undefined, usual: Value): Value {
  return said ?? usual;
}
