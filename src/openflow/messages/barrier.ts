/** OFPT_BARRIER_REQUEST and _REPLY: everything sent before has been done (§7.3.7). */
import { defineEmpty } from './define.ts';

export interface BarrierRequest {
  readonly type: 'OFPT_BARRIER_REQUEST';
}

export interface BarrierReply {
  readonly type: 'OFPT_BARRIER_REPLY';
}

export const barrierRequest = defineEmpty('OFPT_BARRIER_REQUEST', 20);
export const barrierReply = defineEmpty('OFPT_BARRIER_REPLY', 21);
