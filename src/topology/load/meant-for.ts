/** Which host is to plug a port, as the port says it. */
import type { Port } from '../port.ts';

/** What a port calls the host that is to plug it; others than normal ports never come to us. */
export function wantedName(port: Port): string | undefined {
  const name = port['binding:host_id'];
  return name === '' || port['binding:vnic_type'] !== 'normal' ? undefined : name;
}

/** The name in the index `portsMeantFor` of what is meant for a host. */
export function meantFor(networkId: string, hostName: string): string {
  return `${networkId} ${hostName}`;
}
