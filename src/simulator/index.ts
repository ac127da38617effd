/** Packets through compiled flows, in memory. */
export {
  type Delivery,
  FleetSimulator,
  type FleetTrace,
  type Hop,
  type SimulatedHost,
} from './fleet-simulator.ts';
export { type PacketFields, PacketState } from './packet.ts';
export { type Emission, type Step, SwitchModel, type SwitchRun } from './switch-model.ts';
