/** Use cases on top of the ring: the controller itself and the Neutron collections. */
export { Controller } from './controller.ts';
export { RuleStats } from './hits/rule-stats.ts';
export { createNeutron, NO_QUOTAS, QUOTA_DEFAULTS } from './neutron/index.ts';
