/**
 * Which multicast groups the guest behind a port listens to, as it has told by IGMP (RFC 3376) and
 * MLD (RFC 3810): what streams to these groups are sent by. One record a port that listens to any;
 * it goes with the binding.
 */
import type { AddressValue } from './address.ts';

export interface Membership {
  readonly port_id: string;
  readonly network_id: string;
  /** Canonical addresses, ascending as text; at least one. */
  readonly groups: readonly string[];
}

/** More are not followed: every host of the network has flows for each. */
export const GROUPS_OF_PORT_MAX = 64;

/** The name in the index `listenersOfGroup` of a group of a network. */
export function groupIn(networkId: string, group: string): string {
  return `${networkId} ${group}`;
}

/**
 * Whether what is sent to an address reaches those alone that listen to it. Not so on one link
 * (224.0.0.0/24 and scopes up to link-local): protocols of every network need these, and their
 * listeners may not tell (RFC 4541 section 2.1.2, RFC 3810 section 6).
 */
export function isStreamGroup(address: AddressValue): boolean {
  if (typeof address === 'number') return address >>> 28 === 0xe && address >>> 8 !== 0xe0_0000;
  return address >> 120n === 0xffn && ((address >> 112n) & 0xfn) > LINK_LOCAL_SCOPE;
}

const LINK_LOCAL_SCOPE = 2n;
