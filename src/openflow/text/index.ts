/** The text form of flows, equal to that of `ovs-ofctl` (ovs-ofctl(8), "Flow Syntax"). */
export { formatActions } from './action-format.ts';
export { parseActions } from './action-parse.ts';
export {
  type FlowText,
  formatFlow,
  formatInstructions,
  parseFlow,
  parseInstructions,
} from './flow.ts';
export { formatMatch } from './match-format.ts';
export { parseMatch } from './match-parse.ts';
export type { TextOptions } from './tables.ts';
export { TextError } from './text-error.ts';
