/** Actions: what a flow or a bucket does with a packet (OpenFlow 1.5.1 §7.2.6, ovs-actions(7)). */
export { ACTION_ROWS, decodeActions, encodeActions } from './codec.ts';
export type * from './types.ts';
