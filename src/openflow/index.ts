/** OpenFlow 1.5 as Open vSwitch speaks it: the codec and the channel. Knows no domain word. */
export type { Action } from './actions/index.ts';
export {
  Channel,
  ChannelClosedError,
  type ChannelCounters,
  type ChannelLimits,
  type ChannelOptions,
  type EventHandlers,
  type EventName,
  OpenFlowError,
  UnexpectedReplyError,
} from './channel.ts';
export * from './constants.ts';
export { ERROR_TYPES, NICIRA_ERRORS } from './error-codes.ts';
export { type Instruction, instructionBytes, instructionsFromBytes } from './instructions.ts';
export { type ListenAt, type Listener, type ListenOptions, listenOpenFlow } from './listen.ts';
export * from './messages/index.ts';
export { type Match, matchBytes, matchFromBytes } from './oxm/index.ts';
export { DecodeError } from './wire/index.ts';
