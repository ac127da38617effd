/** Which ports may have a learned MAC address, and which have one. */
import { formatMac, parseMac } from './address.ts';
import type { Intent } from './intent.ts';
import { isSetApart } from './isolation.ts';
import type { LearnedMac } from './learned-mac.ts';
import { learnsMacs } from './mac-learning.ts';
import type { Port } from './port.ts';
import { SERVICE_MAC } from './service-address.ts';

/**
 * Whether a port may have an address that is not its own: one of its allowed address pairs, or any
 * if it learns. That of the services has nobody, and a port that is set apart has none.
 */
export function mayHaveMac(
  port: Port | undefined,
  { network_id, mac_address }: LearnedMac,
): boolean {
  if (port === undefined || port.network_id !== network_id) return false;
  if (port.mac_address === mac_address || isSetApart(port)) return false;
  if (!port.port_security_enabled) return learnsMacs(port) && mac_address !== OF_SERVICES;
  return port.allowed_address_pairs.some((pair) => pair.mac_address === mac_address);
}

const OF_SERVICES = formatMac(SERVICE_MAC);

/** The addresses that a port has now besides its own, ascending. */
export function learnedMacsOf(intent: Intent, port: Port): readonly number[] {
  const learned = intent.members('learnedMacsOfPort', port.id);
  if (learned.size === 0) return NONE;
  return [...learned.values()]
    .filter((record) => mayHaveMac(port, record))
    .map(({ mac_address }) => parseMac(mac_address) ?? 0)
    .sort((one, other) => one - other);
}

const NONE: readonly number[] = [];
