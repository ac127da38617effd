/**
 * DNS messages as bytes (RFC 1035 section 4; RFC 6891 for EDNS): queries of one question, and
 * replies about the name that was asked for.
 *
 *     header    id, flags, how many records of each kind, 12 bytes
 *     question  name, type, class
 *     records   name, type, class, TTL, length, data     answers; OPT in the last section
 */
import { type DecodeError, defineStruct, Reader, u16, Writer } from '../../openflow/wire/index.ts';

const HEADER = defineStruct('DNS header', 12, {
  id: u16,
  flags: u16,
  questions: u16,
  answers: u16,
  authorities: u16,
  additionals: u16,
});

const FLAG = {
  RESPONSE: 0x8000,
  AUTHORITATIVE: 0x0400,
  RECURSION_DESIRED: 0x0100,
  RECURSION_AVAILABLE: 0x0080,
  CHECKING_DISABLED: 0x0010,
} as const;
const OPCODE_MASK = 0x7800;

export const TYPE = { A: 1, PTR: 12, AAAA: 28, OPT: 41, ANY: 255 } as const;
export const CLASS_IN = 1;

export const RCODE = { SUCCESS: 0, NXDOMAIN: 3, REFUSED: 5, BADVERS: 16 } as const;

/** What the client takes, and whether it would know signatures. */
interface Edns {
  readonly size: number;
  readonly version: number;
  readonly dnssecOk: boolean;
}

export interface Query {
  readonly id: number;
  readonly flags: number;
  /** The question as it came: the case of its letters is part of the answer (0x20). */
  readonly question: Buffer;
  /** In lower case, without a final dot; undefined for what no host is called. */
  readonly name: string | undefined;
  readonly type: number;
  readonly class: number;
  readonly edns: Edns | undefined;
}

/** A record about the name that was asked for. */
export interface Answer {
  readonly type: number;
  readonly data: Buffer;
}

export interface Reply {
  readonly rcode: number;
  readonly answers: readonly Answer[];
}

/** Seconds: names change whenever somebody says so. */
const TTL = 10;

/** What every client takes (RFC 1035 section 2.3.4). */
const SIZE_MIN = 512;
/** What passes any link unfragmented; what we take, too. */
const SIZE_MAX = 1232;

const NAME_LENGTH_MAX = 255;
const LABEL_LENGTH_MAX = 63;
/** The two bits that make a label a pointer to an earlier name. */
const POINTER = 0xc0;
/** To the question, which comes right behind the header. */
const SAME_NAME = (POINTER << 8) | HEADER.size;

const DNSSEC_OK = 0x8000;

/** Throws DecodeError for everything but a query of one question and nothing else but options. */
export function decodeQuery(bytes: Buffer): Query {
  const reader = new Reader(bytes);
  const { id, flags, questions, answers, authorities, additionals } = HEADER.read(reader);
  if ((flags & (FLAG.RESPONSE | OPCODE_MASK)) !== 0) throw reader.error('a query', flags);
  if (questions !== 1 || answers + authorities !== 0) throw reader.error('one question', questions);
  const start = reader.offset;
  const name = readName(reader);
  const [type, classNumber] = [reader.u16(), reader.u16()];
  const question = Buffer.from(bytes.subarray(start, reader.offset));
  const edns = readEdns(reader, additionals);
  return { id, flags, question, name, type, class: classNumber, edns };
}

const HOST_LABEL = /^[a-z0-9-]+$/;

/** The first name of a message: nothing is before it that a pointer could mean. */
function readName(reader: Reader): string | undefined {
  const start = reader.offset;
  const labels: string[] = [];
  for (let length = reader.u8(); length > 0; length = reader.u8()) {
    if (length > LABEL_LENGTH_MAX) throw reader.error('a label', length);
    labels.push(reader.bytes(length).toString('latin1').toLowerCase());
    // Its end is one byte more.
    if (reader.offset - start >= NAME_LENGTH_MAX) throw tooLong(reader, start);
  }
  return labels.every((label) => HOST_LABEL.test(label)) ? labels.join('.') : undefined;
}

function tooLong(reader: Reader, start: number): DecodeError {
  return reader.error(`a name of at most ${NAME_LENGTH_MAX} bytes`, reader.offset - start);
}

/** What else is there, as a signature, is not ours to check. */
function readEdns(reader: Reader, count: number): Edns | undefined {
  let edns: Edns | undefined;
  for (let left = count; left > 0; left--) {
    skipName(reader);
    const type = reader.u16();
    const size = reader.u16();
    reader.skip(1);
    const version = reader.u8();
    const dnssecOk = (reader.u16() & DNSSEC_OK) !== 0;
    reader.skip(reader.u16());
    if (type !== TYPE.OPT) continue;
    if (edns !== undefined) throw reader.error('one OPT record', 2);
    edns = { size, version, dnssecOk };
  }
  return edns;
}

function skipName(reader: Reader): void {
  for (let length = reader.u8(); length > 0; length = reader.u8()) {
    if (length >= POINTER) return reader.skip(1);
    reader.skip(length);
  }
}

/** As many answers as the client takes: by TCP it would ask somebody who knows none of them. */
export function encodeReply(query: Query, { rcode, answers }: Reply): Buffer {
  const { id, question, edns } = query;
  const room = Math.min(SIZE_MAX, Math.max(SIZE_MIN, edns?.size ?? 0));
  const fitting = firstFitting(answers, room - HEADER.size - question.length - OPT_LENGTH);
  const writer = new Writer(SIZE_MIN);
  HEADER.write(writer, {
    id,
    flags: replyFlags(query) | (rcode & 0xf),
    questions: 1,
    answers: fitting.length,
    authorities: 0,
    additionals: edns === undefined ? 0 : 1,
  });
  writer.bytes(question);
  for (const answer of fitting) writeAnswer(writer, answer);
  if (edns !== undefined) writeOpt(writer, rcode >>> 4, edns.dnssecOk);
  return writer.take();
}

/** Who asked thinks that it asked a resolver, and may not use what says that it is none. */
function replyFlags({ flags }: Query): number {
  const asked = flags & (FLAG.RECURSION_DESIRED | FLAG.CHECKING_DISABLED);
  return FLAG.RESPONSE | FLAG.AUTHORITATIVE | FLAG.RECURSION_AVAILABLE | asked;
}

/** Bytes of a record besides its name and data: type, class, TTL, length. */
const RECORD_LENGTH = 10;
/** Its name is the root. */
const OPT_LENGTH = 1 + RECORD_LENGTH;

function firstFitting(answers: readonly Answer[], room: number): readonly Answer[] {
  let left = room;
  const end = answers.findIndex(({ data }) => {
    left -= 2 + RECORD_LENGTH + data.length;
    return left < 0;
  });
  return end < 0 ? answers : answers.slice(0, end);
}

function writeAnswer(writer: Writer, { type, data }: Answer): void {
  writer.u16(SAME_NAME);
  writer.u16(type);
  writer.u16(CLASS_IN);
  writer.u32(TTL);
  writer.u16(data.length);
  writer.bytes(data);
}

/** The class of an OPT record is a size, its TTL the rest of the code, a version and flags. */
function writeOpt(writer: Writer, extendedRcode: number, dnssecOk: boolean): void {
  writer.u8(0);
  writer.u16(TYPE.OPT);
  writer.u16(SIZE_MAX);
  writer.u8(extendedRcode);
  writer.u8(0);
  writer.u16(dnssecOk ? DNSSEC_OK : 0);
  writer.u16(0);
}
