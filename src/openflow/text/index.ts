/** The text forms of flows, groups and meters, equal to those of `ovs-ofctl` (ovs-ofctl(8)). */
export { formatActions } from './action-format.ts';
export { parseActions } from './action-parse.ts';
export {
  type FlowText,
  formatFlow,
  formatInstructions,
  parseFlow,
  parseInstructions,
} from './flow.ts';
export { formatGroup, parseGroup } from './group.ts';
export { formatMatch } from './match-format.ts';
export { parseMatch } from './match-parse.ts';
export { formatMeter, parseMeter } from './meter.ts';
export type { TextOptions } from './tables.ts';
export { TextError } from './text-error.ts';
