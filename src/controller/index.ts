/** Use cases on top of the ring: the controller itself and the Neutron collections. */
export { Controller } from './controller.ts';
export { createCollections } from './neutron/index.ts';
