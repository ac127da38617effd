/** Use cases on top of the ring: the controller itself and the Neutron collections. */
export { Controller, type ControllerOptions } from './controller.ts';
export { type Collections, createCollections } from './neutron/index.ts';
export type { HostOverview } from './overview.ts';
