/** What the parent port of a trunk shows of it (Neutron's `trunk-details`). */
import type { Intent } from '../../topology/index.ts';
import type { View } from './resource-type.ts';

/** Undefined when the port is no parent: the attribute is left out. */
export function trunkDetails(intent: Intent, portId: string): View | undefined {
  const [trunk] = intent.members('trunksOfParent', portId).values();
  if (trunk === undefined) return undefined;
  const subports = trunk.sub_ports.map((subport) => ({
    ...subport,
    mac_address: intent.get('port', subport.port_id)?.mac_address,
  }));
  return { trunk_id: trunk.id, sub_ports: subports };
}
