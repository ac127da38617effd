/** How the ports of a trunk hang together: whose wire a subport is on, and who is on a wire. */
import type { Intent } from './intent.ts';

export interface Wiring {
  /** The port whose OpenFlow port carries the packets. */
  readonly parentId: string;
  /** VLAN that they are in there. */
  readonly vlan: number;
}

/** Undefined of a port that is no subport. */
export function wiringOf(intent: Intent, portId: string): Wiring | undefined {
  const [trunk] = intent.members('trunksOfSubport', portId).values();
  const subport = trunk?.sub_ports.find(({ port_id }) => port_id === portId);
  if (trunk === undefined || subport === undefined) return undefined;
  return { parentId: trunk.port_id, vlan: subport.segmentation_id };
}

/** The subports on the wire of a port. */
export function* subportsOn(intent: Intent, parentId: string): Generator<string> {
  for (const { sub_ports } of intent.members('trunksOfParent', parentId).values()) {
    for (const { port_id } of sub_ports) yield port_id;
  }
}
