/** Where a packet goes: output, output to the port in a field, group, meter, queue. */
import { OFPCML, OFPP } from '../constants.ts';
import { packRange, readSubField, unpackRange, writeNxmHeader } from '../oxm/index.ts';
import type { Reader, Writer } from '../wire/index.ts';
import { type ActionRow, begin, beginNicira, defineAction, exactly, finish } from './registry.ts';
import type {
  GroupAction,
  MeterAction,
  OutputAction,
  OutputRegAction,
  SetQueueAction,
} from './types.ts';

const OFPAT_OUTPUT = 0;
const OFPAT_SET_QUEUE = 21;
const OFPAT_GROUP = 22;
const OFPAT_METER = 29;
const NXAST_OUTPUT_REG = 15;
const NXAST_OUTPUT_REG2 = 32;

const output = defineAction<OutputAction>({
  type: 'output',
  forms: [{ name: 'OFPAT_OUTPUT', standard: OFPAT_OUTPUT, decode: decodeOutput }],
  encode: (writer, { port, maxLength }) => {
    writer.u16(OFPAT_OUTPUT);
    writer.u16(16);
    writer.u32(port);
    writer.u16(maxLength ?? defaultLength(port));
    writer.zero(6);
  },
});

/** `maxLength` is kept only where it is not what `encode` would write without it. */
function decodeOutput(body: Reader): OutputAction {
  exactly(body, 12);
  const port = body.u32();
  const maxLength = body.u16();
  body.skip(6);
  if (maxLength === defaultLength(port)) return { type: 'output', port };
  return { type: 'output', port, maxLength };
}

function defaultLength(port: number): number {
  return port === OFPP.CONTROLLER ? OFPCML.NO_BUFFER : 0;
}

const outputReg = defineAction<OutputRegAction>({
  type: 'output_reg',
  forms: [
    { name: 'NXAST_OUTPUT_REG', nicira: NXAST_OUTPUT_REG, decode: decodeOutputReg },
    { name: 'NXAST_OUTPUT_REG2', nicira: NXAST_OUTPUT_REG2, decode: decodeOutputReg2 },
  ],
  encode: (writer, { source, maxLength }) => {
    const start = beginNicira(writer, NXAST_OUTPUT_REG);
    writer.u16(packRange(source));
    writeNxmHeader(writer, source);
    writer.u16(maxLength ?? OFPCML.NO_BUFFER);
    writer.zero(6);
    finish(writer, start);
  },
});

function decodeOutputReg(body: Reader): OutputRegAction {
  exactly(body, 14);
  const { offset, bits } = unpackRange(body.u16());
  const source = readSubField(body, offset, bits);
  const maxLength = body.u16();
  body.skip(6);
  return outputRegAction(source, maxLength);
}

function decodeOutputReg2(body: Reader): OutputRegAction {
  exactly(body, 14);
  const { offset, bits } = unpackRange(body.u16());
  const maxLength = body.u16();
  const source = readSubField(body, offset, bits);
  body.skip(body.remaining);
  return outputRegAction(source, maxLength);
}

function outputRegAction(source: OutputRegAction['source'], maxLength: number): OutputRegAction {
  if (maxLength === OFPCML.NO_BUFFER) return { type: 'output_reg', source };
  return { type: 'output_reg', source, maxLength };
}

const group = defineAction<GroupAction>({
  type: 'group',
  forms: [
    {
      name: 'OFPAT_GROUP',
      standard: OFPAT_GROUP,
      decode: (body) => ({ type: 'group', groupId: soleU32(body) }),
    },
  ],
  encode: (writer, { groupId }) => writeU32(writer, OFPAT_GROUP, groupId),
});

const meter = defineAction<MeterAction>({
  type: 'meter',
  forms: [
    {
      name: 'OFPAT_METER',
      standard: OFPAT_METER,
      decode: (body) => ({ type: 'meter', meterId: soleU32(body) }),
    },
  ],
  encode: (writer, { meterId }) => writeU32(writer, OFPAT_METER, meterId),
});

const setQueue = defineAction<SetQueueAction>({
  type: 'set_queue',
  forms: [
    {
      name: 'OFPAT_SET_QUEUE',
      standard: OFPAT_SET_QUEUE,
      decode: (body) => ({ type: 'set_queue', queueId: soleU32(body) }),
    },
  ],
  encode: (writer, { queueId }) => writeU32(writer, OFPAT_SET_QUEUE, queueId),
});

/** Reads an action that is one 32-bit number. */
function soleU32(body: Reader): number {
  exactly(body, 4);
  return body.u32();
}

function writeU32(writer: Writer, number: number, value: number): void {
  const start = begin(writer, number);
  writer.u32(value);
  finish(writer, start);
}

export const OUTPUT_ACTIONS: readonly ActionRow[] = [output, outputReg, group, meter, setQueue];
