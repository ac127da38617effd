/**
 * Where guests find what the controller answers itself: the same addresses in every network, on
 * every host, so that no address of a tenant is taken for it and any controller may answer.
 *
 * The IPv4 address is link-local (RFC 3927), the one where guests of clouds look for metadata: the
 * server identifier of DHCP. The MAC address is locally administered, and no port's.
 */

import { defined } from '../lib/assert.ts';
import { eui64Address, parseCidr } from './address.ts';

/** 02:48:44:00:00:01. */
export const SERVICE_MAC = 0x0248_4400_0001;

/** 169.254.169.254. */
export const SERVICE_IPV4 = 0xa9fe_a9fe;

/**
 * fe80::a9fe:a9fe, where guests of clouds look for metadata by IPv6: 169.254.169.254 behind the
 * prefix of a link, as Neutron has it.
 */
export const METADATA_IPV6 = (0xfe80n << 112n) | BigInt(SERVICE_IPV4);

/** fe80::48:44ff:fe00:1, which follows from the MAC address. */
export const SERVICE_IPV6 = eui64Address(defined(parseCidr('fe80::/64'), 'fe80::/64'), SERVICE_MAC);
