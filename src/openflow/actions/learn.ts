/** Learning flows from packets: NXAST_LEARN and NXAST_LEARN2. */
import { assert } from '../../lib/assert.ts';
import {
  checkSubField,
  readFieldHeader,
  readSubField,
  type SubField,
  writeNxmHeader,
} from '../oxm/index.ts';
import type { Reader, Writer } from '../wire/index.ts';
import { type ActionRow, beginNicira, defineAction, finish, padding } from './registry.ts';
import type { LearnAction, LearnSource, LearnSpec } from './types.ts';

const NXAST_LEARN = 16;
const NXAST_LEARN2 = 45;

const FLAG = { SEND_FLOW_REMOVED: 1, DELETE_LEARNED: 2, WRITE_RESULT: 4 } as const;

/*
 * The header of a spec:   15  14 |  13  | 12  11 | 10 … 0
 *                            0   | const|  kind  | bits
 * It is followed by its source (a field's header and offset, or a constant padded to a multiple of
 * 16 bits) and, but for output, by its destination (a field's header and offset).
 */
const SOURCE_IS_CONSTANT = 0x2000;
const KIND_SHIFT = 11;
const KINDS = ['match', 'load', 'output'] as const;
const BITS_MASK = 0x7ff;

const learn = defineAction<LearnAction>({
  type: 'learn',
  forms: [
    { name: 'NXAST_LEARN', nicira: NXAST_LEARN, decode: (body) => decodeLearn(body, false) },
    { name: 'NXAST_LEARN2', nicira: NXAST_LEARN2, decode: (body) => decodeLearn(body, true) },
  ],
  encode: (writer, action) => {
    const { limit, resultDestination } = action;
    const long = limit !== undefined || resultDestination !== undefined;
    const start = beginNicira(writer, long ? NXAST_LEARN2 : NXAST_LEARN);
    writeFixed(writer, action);
    if (long) {
      writer.u32(limit ?? 0);
      writer.u16(resultDestination?.offset ?? 0);
      writer.u16(0);
    }
    if (resultDestination !== undefined) {
      assert(resultDestination.bits === 1, 'the result of learn is one bit');
      writeNxmHeader(writer, resultDestination);
    }
    for (const spec of action.specs) writeSpec(writer, spec);
    finish(writer, start);
  },
});

function writeFixed(writer: Writer, action: LearnAction): void {
  writer.u16(action.idleTimeout ?? 0);
  writer.u16(action.hardTimeout ?? 0);
  writer.u16(action.priority);
  writer.u64(action.cookie ?? 0n);
  writer.u16(
    (action.sendFlowRemoved ? FLAG.SEND_FLOW_REMOVED : 0) |
      (action.deleteLearned ? FLAG.DELETE_LEARNED : 0) |
      (action.resultDestination === undefined ? 0 : FLAG.WRITE_RESULT),
  );
  writer.u8(action.table);
  writer.u8(0);
  writer.u16(action.finIdleTimeout ?? 0);
  writer.u16(action.finHardTimeout ?? 0);
}

function writeSpec(writer: Writer, spec: LearnSpec): void {
  const { bits } = spec.type === 'output' ? spec.source : spec.destination;
  const constant = typeof spec.source === 'bigint' ? SOURCE_IS_CONSTANT : 0;
  writer.u16(constant | (KINDS.indexOf(spec.type) << KIND_SHIFT) | bits);
  writeSource(writer, spec.source, bits);
  if (spec.type === 'output') return;
  writeNxmHeader(writer, spec.destination);
  writer.u16(spec.destination.offset);
}

function writeSource(writer: Writer, source: LearnSource, bits: number): void {
  if (typeof source !== 'bigint') {
    assert(source.bits === bits, 'learn copies as many bits as it writes');
    writeNxmHeader(writer, source);
    writer.u16(source.offset);
    return;
  }
  assert(source >> BigInt(bits) === 0n, `the constant of learn has ${bits} bits`);
  for (let left = Math.ceil(bits / 16) - 1; left >= 0; left--) {
    writer.u16(Number((source >> BigInt(16 * left)) & 0xffffn));
  }
}

function decodeLearn(body: Reader, long: boolean): LearnAction {
  const [idleTimeout, hardTimeout, priority] = [body.u16(), body.u16(), body.u16()];
  const cookie = body.u64();
  const flags = body.u16();
  if (flags > (long ? 7 : 3)) throw body.error('flags of learn', flags);
  const table = body.u8();
  body.skip(1);
  const [finIdleTimeout, finHardTimeout] = [body.u16(), body.u16()];
  const extra = long ? decodeExtra(body, flags) : {};
  return {
    type: 'learn',
    table,
    priority,
    ...(idleTimeout === 0 ? {} : { idleTimeout }),
    ...(hardTimeout === 0 ? {} : { hardTimeout }),
    ...(finIdleTimeout === 0 ? {} : { finIdleTimeout }),
    ...(finHardTimeout === 0 ? {} : { finHardTimeout }),
    ...(cookie === 0n ? {} : { cookie }),
    ...((flags & FLAG.SEND_FLOW_REMOVED) === 0 ? {} : { sendFlowRemoved: true }),
    ...((flags & FLAG.DELETE_LEARNED) === 0 ? {} : { deleteLearned: true }),
    ...extra,
    specs: readSpecs(body),
  };
}

/** What NXAST_LEARN2 has more: a limit, and where to say whether it was kept. */
function decodeExtra(
  body: Reader,
  flags: number,
): Pick<LearnAction, 'limit' | 'resultDestination'> {
  const limit = body.u32();
  const offset = body.u16();
  body.skip(2);
  const limited = limit === 0 ? {} : { limit };
  if ((flags & FLAG.WRITE_RESULT) === 0) return limited;
  return { ...limited, resultDestination: readSubField(body, offset, 1) };
}

function readSpecs(body: Reader): LearnSpec[] {
  const specs: LearnSpec[] = [];
  while (body.remaining >= 2) {
    const header = body.u16();
    if (header === 0) break;
    specs.push(readSpec(body, header));
  }
  padding(body);
  return specs;
}

function readSpec(body: Reader, header: number): LearnSpec {
  const bits = header & BITS_MASK;
  const type = KINDS[(header >>> KIND_SHIFT) & 3];
  const constant = (header & SOURCE_IS_CONSTANT) !== 0;
  if (type === undefined || header > 0x3fff || (type === 'output' && constant) || bits === 0) {
    throw body.error('a spec of learn', `0x${header.toString(16)}`);
  }
  if (type === 'output') return { type, source: readSpecField(body, bits) };
  const source = constant ? readConstant(body, bits) : readSpecField(body, bits);
  return { type, source, destination: readSpecField(body, bits) };
}

function readSpecField(body: Reader, bits: number): SubField {
  const header = body.window(4);
  const offset = body.u16();
  const subField = { field: readFieldHeader(header), offset, bits };
  return checkSubField(body, subField);
}

function readConstant(body: Reader, bits: number): bigint {
  let value = 0n;
  for (let left = Math.ceil(bits / 16); left > 0; left--) {
    value = (value << 16n) | BigInt(body.u16());
  }
  if (value >> BigInt(bits) !== 0n) throw body.error(`a constant of ${bits} bits`, value);
  return value;
}

export const LEARN_ACTIONS: readonly ActionRow[] = [learn];
