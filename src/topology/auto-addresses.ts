/**
 * Addresses that follow from a subnet rather than from a request: what the ports of a network get
 * with a new auto-addressed subnet, and lose with one that goes.
 */
import { defined } from '../lib/assert.ts';
import { eui64Address, formatAddress, parseCidr, parseMac } from './address.ts';
import { DHCP, isRouterInterface } from './device-owner.ts';
import type { Intent } from './intent.ts';
import { intentError } from './intent-error.ts';
import type { Port } from './port.ts';
import { serves } from './service-types.ts';
import { isAutoAddressed, type Subnet } from './subnet.ts';
import { touched } from './validate/birth.ts';

/** Owners of ports that serve a network from within: they are in nobody's way. */
const SERVANTS = new Set([DHCP, 'network:distributed', 'network:floatingip_agent_gateway']);

export function isServant({ device_owner }: Port): boolean {
  return SERVANTS.has(device_owner);
}

/** The address that a port forms in an auto-addressed subnet. */
export function autoAddress(subnet: Subnet, mac: string): string {
  const value = defined(parseMac(mac), 'MAC address of a port');
  return formatAddress(eui64Address(defined(parseCidr(subnet.cidr), 'cidr of a subnet'), value));
}

/** The ports that have no address of an auto-addressed subnet yet and must have one. */
export function* portsLacking(topology: Intent, subnet: Subnet): Iterable<Port> {
  if (!isAutoAddressed(subnet)) return;
  for (const port of topology.members('portsOfNetwork', subnet.network_id).values()) {
    const { device_owner: owner, fixed_ips: addresses } = port;
    if (isRouterInterface(owner) || !serves(subnet, owner)) continue;
    if (!addresses.some((fixed) => fixed.subnet_id === subnet.id)) yield port;
  }
}

export function withAutoAddress(port: Port, subnet: Subnet, at: string): Port {
  const own = { subnet_id: subnet.id, ip_address: autoAddress(subnet, port.mac_address) };
  return { ...port, fixed_ips: [...port.fixed_ips, own], ...touched(port, at) };
}

/** The ports that lose their addresses of a subnet when it goes; refused where somebody minds. */
export function portsLosing(topology: Intent, subnet: Subnet): readonly Port[] {
  const owners = new Set(topology.addressesOfSubnet(subnet.id).values());
  const ports = [...owners].map((id) => defined(topology.get('port', id), 'owner of an address'));
  const isAuto = isAutoAddressed(subnet);
  const minds = (port: Port): boolean =>
    isRouterInterface(port.device_owner) || !(isAuto || isServant(port));
  if (!ports.some(minds)) return ports;
  const reason = 'One or more ports have an IP allocation from this subnet';
  throw intentError('SubnetInUse', { subnet_id: subnet.id, reason });
}

export function withoutSubnet(port: Port, subnetId: string, at: string): Port {
  const fixed_ips = port.fixed_ips.filter((fixed) => fixed.subnet_id !== subnetId);
  return { ...port, fixed_ips, ...touched(port, at) };
}
