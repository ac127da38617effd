/** Packets through compiled flows, in memory. */
export { Conntrack } from './conntrack.ts';
export { type Delivery, FleetSimulator } from './fleet-simulator.ts';
export type { PacketFields } from './packet.ts';
export { SwitchModel } from './switch-model.ts';
