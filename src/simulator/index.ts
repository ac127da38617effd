/** Packets through compiled flows, in memory. */
export { Conntrack } from './conntrack.ts';
export { type Exchange, exchange, inVlan, type Place, SYN, sendFrom, vlanOf } from './exchange.ts';
export { explain, type Finding } from './explain.ts';
export {
  type Delivery,
  FleetSimulator,
  type FleetTrace,
  type Hop,
  type Question,
  type SimulatedHost,
} from './fleet-simulator.ts';
export type { PacketFields } from './packet.ts';
export { type SwitchContent, SwitchModel } from './switch-model.ts';
export type { Step } from './translation.ts';
