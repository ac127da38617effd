/**
 * What a port asks of the host that it is placed on, in the terms of OpenStack Placement: Nova
 * reads `resource_request` before it chooses a host (Neutron's `port-resource-request-groups`).
 */
import { createHash } from 'node:crypto';
import {
  type Intent,
  type Network,
  type Port,
  type QosRule,
  rulesOf,
} from '../../topology/index.ts';

interface RequestGroup {
  readonly id: string;
  /** Traits that the provider of the resources must have. */
  readonly required: readonly string[];
  /** Amounts by resource class. */
  readonly resources: Readonly<Record<string, number>>;
}

interface ResourceRequest {
  readonly request_groups: readonly RequestGroup[];
  readonly same_subtree: readonly string[];
}

const BANDWIDTH_CLASSES = {
  ingress: 'NET_BW_IGR_KILOBIT_PER_SEC',
  egress: 'NET_BW_EGR_KILOBIT_PER_SEC',
} as const;

const PACKET_CLASSES = {
  any: 'NET_PACKET_RATE_KILOPACKET_PER_SEC',
  ingress: 'NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC',
  egress: 'NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC',
} as const;

/** Null when the policy of the port, or else of its network, promises nothing. */
export function resourceRequest(
  intent: Intent,
  port: Port,
  network: Network | undefined,
): ResourceRequest | null {
  const policyId = port.qos_policy_id ?? network?.qos_policy_id ?? null;
  if (policyId === null) return null;
  const rules = rulesOf(intent, policyId);
  const groups = [bandwidthGroup(rules, port, network), packetGroup(rules, port)].filter(
    (group) => group !== undefined,
  );
  if (groups.length === 0) return null;
  return { request_groups: groups, same_subtree: groups.map(({ id }) => id) };
}

function bandwidthGroup(
  rules: readonly QosRule[],
  port: Port,
  network: Network | undefined,
): RequestGroup | undefined {
  const promised = rules.filter((rule) => rule.type === 'minimum_bandwidth');
  if (promised.length === 0 || network === undefined) return undefined;
  return {
    id: groupId(port, promised),
    required: [networkTrait(network), vnicTrait(port)],
    resources: Object.fromEntries(
      promised.map(({ direction, min_kbps }) => [BANDWIDTH_CLASSES[direction], min_kbps]),
    ),
  };
}

function packetGroup(rules: readonly QosRule[], port: Port): RequestGroup | undefined {
  const promised = rules.filter((rule) => rule.type === 'minimum_packet_rate');
  if (promised.length === 0) return undefined;
  return {
    id: groupId(port, promised),
    required: [vnicTrait(port)],
    resources: Object.fromEntries(
      promised.map(({ direction, min_kpps }) => [PACKET_CLASSES[direction], min_kpps]),
    ),
  };
}

/** All tunnelled networks share one way out of a host: the resource provider `rp_tunnelled`. */
function networkTrait(network: Network): string {
  const physical = network['provider:physical_network'];
  return traitName(physical === null ? 'NETWORK_TUNNEL_PROVIDER' : `PHYSNET_${physical}`);
}

function vnicTrait(port: Port): string {
  return traitName(`VNIC_TYPE_${port['binding:vnic_type']}`);
}

/** A custom trait, spelt as os-traits spells them. */
function traitName(name: string): string {
  return `CUSTOM_${name.replaceAll(/[^0-9A-Za-z]+/g, '_').toUpperCase()}`;
}

/** The same for the same rules, so that Nova finds its allocation again. */
function groupId({ id }: Port, rules: readonly QosRule[]): string {
  return nameUuid(id, rules.map((rule) => rule.id).join(':'));
}

/** A UUID of version 5 (RFC 9562 section 5.5). */
function nameUuid(namespace: string, name: string): string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  const bytes = createHash('sha1').update(space).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
