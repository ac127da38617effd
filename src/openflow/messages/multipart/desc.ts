/** OFPMP_DESC: who made the switch (§7.3.5.1). */
import { defineStruct, text } from '../../wire/index.ts';
import type { Fixed } from '../define.ts';
import { defineMultipart, emptyRequest } from './define.ts';

const DESCRIPTION = 256;

const BODY = defineStruct('ofp_desc', 1056, {
  manufacturer: text(DESCRIPTION),
  hardware: text(DESCRIPTION),
  software: text(DESCRIPTION),
  serialNumber: text(32),
  datapath: text(DESCRIPTION),
});

export interface DescRequest {
  readonly type: 'OFPMP_DESC';
}

export type DescReply = { readonly type: 'OFPMP_DESC' } & Fixed<typeof BODY>;

export const desc = defineMultipart<DescRequest, DescReply>({
  type: 'OFPMP_DESC',
  code: 0,
  request: emptyRequest('OFPMP_DESC'),
  reply: {
    encode: (writer, reply) => BODY.write(writer, reply),
    decode: (reader) => ({ type: 'OFPMP_DESC', ...BODY.read(reader) }),
  },
});
