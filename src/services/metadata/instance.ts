/** Whose metadata a port asks for: what the intent says of the port, and nothing that it sends. */
import { formatAddress, type Port, parseAddress } from '../../topology/index.ts';

export interface Instance {
  readonly id: string;
  readonly projectId: string;
  /** An address of the port; '' when it has none. */
  readonly address: string;
}

/**
 * The server that a port belongs to, as Neutron finds it: its `device_id`. Undefined when the port
 * is of none. `source` is told on when it is a fixed address of the port, and else the first of
 * these: a guest cannot choose whom it is taken for.
 */
export function instanceOf(
  { device_id, project_id, fixed_ips }: Port,
  source: number | bigint,
): Instance | undefined {
  if (device_id === '') return undefined;
  const addresses = fixed_ips.map(({ ip_address }) => parseAddress(ip_address));
  const told = addresses.includes(source) ? source : addresses[0];
  const address = told === undefined ? '' : formatAddress(told);
  return { id: device_id, projectId: project_id, address };
}
