/** Going on with the lookup: resubmit, conjunction, clone. */
import { assert, defined } from '../../lib/assert.ts';
import { port16, port32 } from '../oxm/index.ts';
import type { Reader } from '../wire/index.ts';
import {
  type ActionRow,
  beginNicira,
  defineAction,
  exactly,
  finish,
  type Nesting,
} from './registry.ts';
import type { CloneAction, ConjunctionAction, ResubmitAction } from './types.ts';

const NXAST_RESUBMIT = 1;
const NXAST_RESUBMIT_TABLE = 14;
const NXAST_CONJUNCTION = 34;
const NXAST_CLONE = 42;
const NXAST_RESUBMIT_TABLE_CT = 44;

/** "The packet's own in_port" and "the current table". */
const OFPP_IN_PORT_16 = 0xfff8;
const CURRENT_TABLE = 0xff;

const resubmit = defineAction<ResubmitAction>({
  type: 'resubmit',
  forms: [
    { name: 'NXAST_RESUBMIT', nicira: NXAST_RESUBMIT, decode: decodeResubmit },
    {
      name: 'NXAST_RESUBMIT_TABLE',
      nicira: NXAST_RESUBMIT_TABLE,
      decode: (body) => decodeResubmitTable(body),
    },
    {
      name: 'NXAST_RESUBMIT_TABLE_CT',
      nicira: NXAST_RESUBMIT_TABLE_CT,
      decode: (body) => ({ ...decodeResubmitTable(body), withCt: true }),
    },
  ],
  encode: (writer, { port, table, withCt }) => {
    const start = beginNicira(writer, withCt ? NXAST_RESUBMIT_TABLE_CT : NXAST_RESUBMIT_TABLE);
    writer.u16(port === undefined ? OFPP_IN_PORT_16 : defined(port16(port), '16-bit port'));
    writer.u8(table ?? CURRENT_TABLE);
    writer.zero(3);
    finish(writer, start);
  },
});

function decodeResubmit(body: Reader): ResubmitAction {
  exactly(body, 6);
  const port = body.u16();
  body.skip(4);
  return resubmitAction(port, CURRENT_TABLE);
}

function decodeResubmitTable(body: Reader): ResubmitAction {
  exactly(body, 6);
  const port = body.u16();
  const table = body.u8();
  if (body.u24() !== 0) throw body.error('padding of zeros', 'more');
  return resubmitAction(port, table);
}

function resubmitAction(port: number, table: number): ResubmitAction {
  return {
    type: 'resubmit',
    ...(port === OFPP_IN_PORT_16 ? {} : { port: port32(port) }),
    ...(table === CURRENT_TABLE ? {} : { table }),
  };
}

/** Clauses are counted from 0 on the wire, from 1 in text and here. */
const conjunction = defineAction<ConjunctionAction>({
  type: 'conjunction',
  forms: [{ name: 'NXAST_CONJUNCTION', nicira: NXAST_CONJUNCTION, decode: decodeConjunction }],
  encode: (writer, { id, clause, clauses }) => {
    assert(clause >= 1 && clause <= clauses, `clause ${clause} is one of ${clauses}`);
    assert(clauses >= 2 && clauses <= 64, 'a conjunction has 2 to 64 clauses');
    const start = beginNicira(writer, NXAST_CONJUNCTION);
    writer.u8(clause - 1);
    writer.u8(clauses);
    writer.u32(id);
    finish(writer, start);
  },
});

function decodeConjunction(body: Reader): ConjunctionAction {
  exactly(body, 6);
  const clause = body.u8() + 1;
  const clauses = body.u8();
  const id = body.u32();
  if (clauses < 2 || clauses > 64) throw body.error('2 to 64 clauses', clauses);
  if (clause > clauses) throw body.error(`one of ${clauses} clauses`, clause);
  return { type: 'conjunction', id, clause, clauses };
}

const clone = defineAction<CloneAction>({
  type: 'clone',
  forms: [{ name: 'NXAST_CLONE', nicira: NXAST_CLONE, decode: decodeClone }],
  encode: (writer, { actions }, nesting) => {
    const start = beginNicira(writer, NXAST_CLONE);
    writer.zero(6);
    nesting.encode(writer, actions);
    finish(writer, start);
  },
});

function decodeClone(body: Reader, nesting: Nesting): CloneAction {
  body.skip(6);
  return { type: 'clone', actions: nesting.decode(body) };
}

export const LOOKUP_ACTIONS: readonly ActionRow[] = [resubmit, conjunction, clone];
