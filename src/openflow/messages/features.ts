/** OFPT_FEATURES_REQUEST and _REPLY: which datapath is at the other end (§7.3.1). */
import { defineStruct, pad, u8, u32, u64 } from '../wire/index.ts';
import { defineEmpty, defineFixed, type Fixed } from './define.ts';

const BODY = defineStruct('ofp_switch_features', 24, {
  datapathId: u64,
  bufferCount: u32,
  tableCount: u8,
  auxiliaryId: u8,
  padding: pad(2),
  capabilities: u32,
  reserved: u32,
});

export interface FeaturesRequest {
  readonly type: 'OFPT_FEATURES_REQUEST';
}

export type FeaturesReply = { readonly type: 'OFPT_FEATURES_REPLY' } & Fixed<typeof BODY>;

export const featuresRequest = defineEmpty('OFPT_FEATURES_REQUEST', 5);
export const featuresReply = defineFixed('OFPT_FEATURES_REPLY', 6, BODY);
