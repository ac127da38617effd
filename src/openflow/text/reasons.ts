/** Names of the reasons for a packet-in, by number (OpenFlow 1.5.1 §7.4.1). */
export const REASON_NAMES: readonly string[] = [
  'no_match',
  'action',
  'invalid_ttl',
  'action_set',
  'group',
  'packet_out',
];
