/** Conntrack helpers: which there are, and what forbids one. */
import type { ConntrackHelper } from '../conntrack-helper.ts';
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import { badResource } from './bad-resource.ts';

/** Neutron's default of `allowed_conntrack_helpers`: by helper, the protocols that it follows. */
const HELPERS: Readonly<Record<string, readonly string[]>> = {
  amanda: ['tcp'],
  ftp: ['tcp'],
  h323: ['udp', 'tcp'],
  irc: ['tcp'],
  'netbios-ns': ['udp'],
  pptp: ['tcp'],
  sane: ['tcp'],
  sip: ['udp', 'tcp'],
  snmp: ['udp'],
  tftp: ['udp'],
};

export function checkConntrackHelper(topology: Intent, after: ConntrackHelper): void {
  const { helper, protocol, port, router_id } = after;
  const protocols = Object.hasOwn(HELPERS, helper) ? HELPERS[helper] : undefined;
  if (protocols === undefined) throw intentError('ConntrackHelperNotAllowed', { helper });
  if (!protocols.includes(protocol)) {
    const supported_protocols = protocols.join(', ');
    throw intentError('InvalidProtocolForHelper', { helper, protocol, supported_protocols });
  }
  for (const other of topology.members('helpersOfRouter', router_id).values()) {
    if (other.id === after.id || other.port !== port) continue;
    if (other.protocol !== protocol || other.helper !== helper) continue;
    const values = `{'router_id': '${router_id}', 'protocol': '${protocol}', 'port': ${port}`;
    const what = 'A duplicate conntrack helper entry with same attributes already exists';
    const which = `conflicting values are ${values}, 'helper': '${helper}'}`;
    throw badResource('conntrack_helper', `${what}, ${which}`);
  }
}
