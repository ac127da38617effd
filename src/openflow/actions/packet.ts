/** Small actions on the packet itself: VLAN tags, TTL, its length, notes. */
import { assert } from '../../lib/assert.ts';
import { readSubField, writeNxmHeader } from '../oxm/index.ts';
import type { Reader } from '../wire/index.ts';
import {
  type ActionRow,
  begin,
  beginNicira,
  defineAction,
  exactly,
  finish,
  padding,
} from './registry.ts';
import type {
  CheckPktLargerAction,
  DecTtlAction,
  NoteAction,
  PopVlanAction,
  PushVlanAction,
} from './types.ts';

const OFPAT_PUSH_VLAN = 17;
const OFPAT_POP_VLAN = 18;
const OFPAT_DEC_NW_TTL = 24;
const NXAST_NOTE = 8;
const NXAST_DEC_TTL_CNT_IDS = 21;
const NXAST_CHECK_PKT_LARGER = 49;

const pushVlan = defineAction<PushVlanAction>({
  type: 'push_vlan',
  forms: [{ name: 'OFPAT_PUSH_VLAN', standard: OFPAT_PUSH_VLAN, decode: decodePushVlan }],
  encode: (writer, { ethertype }) => {
    const start = begin(writer, OFPAT_PUSH_VLAN);
    writer.u16(ethertype);
    finish(writer, start);
  },
});

function decodePushVlan(body: Reader): PushVlanAction {
  exactly(body, 4);
  const ethertype = body.u16();
  body.skip(2);
  return { type: 'push_vlan', ethertype };
}

const popVlan = defineAction<PopVlanAction>({
  type: 'pop_vlan',
  forms: [{ name: 'OFPAT_POP_VLAN', standard: OFPAT_POP_VLAN, decode: decodePopVlan }],
  encode: (writer) => finish(writer, begin(writer, OFPAT_POP_VLAN)),
});

function decodePopVlan(body: Reader): PopVlanAction {
  exactly(body, 4);
  body.skip(4);
  return { type: 'pop_vlan' };
}

const decTtl = defineAction<DecTtlAction>({
  type: 'dec_ttl',
  forms: [
    { name: 'OFPAT_DEC_NW_TTL', standard: OFPAT_DEC_NW_TTL, decode: decodeDecTtl },
    { name: 'NXAST_DEC_TTL_CNT_IDS', nicira: NXAST_DEC_TTL_CNT_IDS, decode: decodeDecTtlIds },
  ],
  encode: (writer, { controllerIds }) => {
    if (controllerIds === undefined) {
      finish(writer, begin(writer, OFPAT_DEC_NW_TTL));
      return;
    }
    const start = beginNicira(writer, NXAST_DEC_TTL_CNT_IDS);
    writer.u16(controllerIds.length);
    writer.zero(4);
    for (const id of controllerIds) writer.u16(id);
    finish(writer, start);
  },
});

function decodeDecTtl(body: Reader): DecTtlAction {
  exactly(body, 4);
  body.skip(4);
  return { type: 'dec_ttl' };
}

function decodeDecTtlIds(body: Reader): DecTtlAction {
  const count = body.u16();
  body.skip(4);
  if (count * 2 > body.remaining) throw body.error(`${count} controller ids`, body.remaining);
  const controllerIds = Array.from({ length: count }, () => body.u16());
  padding(body);
  return { type: 'dec_ttl', controllerIds };
}

const checkPktLarger = defineAction<CheckPktLargerAction>({
  type: 'check_pkt_larger',
  forms: [
    {
      name: 'NXAST_CHECK_PKT_LARGER',
      nicira: NXAST_CHECK_PKT_LARGER,
      decode: decodeCheckPktLarger,
    },
  ],
  encode: (writer, { size, destination }) => {
    assert(destination.bits === 1, 'check_pkt_larger writes one bit');
    const start = beginNicira(writer, NXAST_CHECK_PKT_LARGER);
    writer.u16(size);
    writer.u16(destination.offset);
    writeNxmHeader(writer, destination);
    writer.zero(6);
    finish(writer, start);
  },
});

function decodeCheckPktLarger(body: Reader): CheckPktLargerAction {
  exactly(body, 14);
  const size = body.u16();
  const destination = readSubField(body, body.u16(), 1);
  padding(body);
  return { type: 'check_pkt_larger', size, destination };
}

/**
 * A note ends with the action: bytes that do not fill it are followed by zeros, and come back so.
 */
const note = defineAction<NoteAction>({
  type: 'note',
  forms: [
    {
      name: 'NXAST_NOTE',
      nicira: NXAST_NOTE,
      decode: (body) => ({ type: 'note', bytes: body.bytes(body.remaining) }),
    },
  ],
  encode: (writer, { bytes }) => {
    const start = beginNicira(writer, NXAST_NOTE);
    writer.bytes(bytes);
    finish(writer, start);
  },
});

export const PACKET_ACTIONS: readonly ActionRow[] = [
  pushVlan,
  popVlan,
  decTtl,
  checkPktLarger,
  note,
];
