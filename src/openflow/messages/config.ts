/** OFPT_GET_CONFIG_*, OFPT_SET_CONFIG: fragment handling and packet-in size (§7.3.2). */
import { defineStruct, u16 } from '../wire/index.ts';
import { defineEmpty, defineFixed, type Fixed } from './define.ts';

const BODY = defineStruct('ofp_switch_config', 4, {
  /** `OFPC_FRAG_*`. */
  flags: u16,
  /** Bytes of a packet in a packet-in for which no action says it; 0xffff: the whole packet. */
  missSendLength: u16,
});

export interface GetConfigRequest {
  readonly type: 'OFPT_GET_CONFIG_REQUEST';
}

export type GetConfigReply = { readonly type: 'OFPT_GET_CONFIG_REPLY' } & Fixed<typeof BODY>;
export type SetConfig = { readonly type: 'OFPT_SET_CONFIG' } & Fixed<typeof BODY>;

export const getConfigRequest = defineEmpty('OFPT_GET_CONFIG_REQUEST', 7);
export const getConfigReply = defineFixed('OFPT_GET_CONFIG_REPLY', 8, BODY);
export const setConfig = defineFixed('OFPT_SET_CONFIG', 9, BODY);
