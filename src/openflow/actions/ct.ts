/** Connection tracking: ct with its nested actions, and ct_clear. */
import { assert } from '../../lib/assert.ts';
import {
  packRange,
  readSubField,
  type SubField,
  unpackRange,
  writeNxmHeader,
} from '../oxm/index.ts';
import type { Reader } from '../wire/index.ts';
import {
  type ActionRow,
  beginNicira,
  defineAction,
  exactly,
  finish,
  type Nesting,
} from './registry.ts';
import type { CtAction, CtClearAction } from './types.ts';

const NXAST_CT = 35;
const NXAST_CT_CLEAR = 43;

const NX_CT_F_COMMIT = 1;
const NX_CT_F_FORCE = 2;
/** "Does not go on in a table." */
const NX_CT_RECIRC_NONE = 0xff;

const ct = defineAction<CtAction>({
  type: 'ct',
  forms: [{ name: 'NXAST_CT', nicira: NXAST_CT, decode: decodeCt }],
  encode: (writer, action, nesting) => {
    assert(!action.force || action.commit, 'ct(force) needs commit');
    const zone = action.zone ?? 0;
    const start = beginNicira(writer, NXAST_CT);
    writer.u16((action.commit ? NX_CT_F_COMMIT : 0) | (action.force ? NX_CT_F_FORCE : 0));
    if (typeof zone === 'number') {
      writer.u32(0);
      writer.u16(zone);
    } else {
      assert(zone.bits === 16, 'a zone has 16 bits');
      writeNxmHeader(writer, zone);
      writer.u16(packRange(zone));
    }
    writer.u8(action.table ?? NX_CT_RECIRC_NONE);
    writer.zero(3);
    writer.u16(action.alg ?? 0);
    nesting.encode(writer, action.actions ?? []);
    finish(writer, start);
  },
});

function decodeCt(body: Reader, nesting: Nesting): CtAction {
  const flags = body.u16();
  if ((flags & NX_CT_F_FORCE) !== 0 && (flags & NX_CT_F_COMMIT) === 0) {
    throw body.error('force only with commit', flags);
  }
  const zone = decodeZone(body);
  const table = body.u8();
  body.skip(3);
  const alg = body.u16();
  const actions = nesting.decode(body);
  return {
    type: 'ct',
    ...((flags & NX_CT_F_COMMIT) === 0 ? {} : { commit: true }),
    ...((flags & NX_CT_F_FORCE) === 0 ? {} : { force: true }),
    ...(zone === 0 ? {} : { zone }),
    ...(table === NX_CT_RECIRC_NONE ? {} : { table }),
    ...(alg === 0 ? {} : { alg }),
    ...(actions.length === 0 ? {} : { actions }),
  };
}

/** The header of the field that holds the zone, or zero and the zone itself. */
function decodeZone(body: Reader): number | SubField {
  const header = body.window(4);
  if (header.u32() === 0) return body.u16();
  header.offset -= 4;
  const { offset, bits } = unpackRange(body.u16());
  if (bits !== 16) throw body.error('a zone of 16 bits', bits);
  return readSubField(header, offset, bits);
}

const ctClear = defineAction<CtClearAction>({
  type: 'ct_clear',
  forms: [{ name: 'NXAST_CT_CLEAR', nicira: NXAST_CT_CLEAR, decode: decodeCtClear }],
  encode: (writer) => finish(writer, beginNicira(writer, NXAST_CT_CLEAR)),
});

function decodeCtClear(body: Reader): CtClearAction {
  exactly(body, 6);
  body.skip(6);
  return { type: 'ct_clear' };
}

export const CT_ACTIONS: readonly ActionRow[] = [ct, ctClear];
