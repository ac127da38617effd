/**
 * Goal: the outcome of a transaction is read right, whoever of its operations failed.
 * Method: results as RFC 7047 4.1.3 allows them, and others, to a client without a network.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { nullLogger } from '../../../src/lib/log.ts';
import { OvsdbClient } from '../../../src/ovsdb/client.ts';
import * as errors from '../../../src/ovsdb/errors.ts';
import { comment, OPEN_VSWITCH, vswitch } from '../../../src/ovsdb/index.ts';
import { FakeSocket } from '../../support/ovsdb-fake-socket.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const OPERATIONS = [
  vswitch.update('Bridge', [], { name: 'x' }),
  vswitch.delete('QoS', []),
  comment('why'),
] as const;

let socket: FakeSocket;
let client: OvsdbClient;

beforeEach(() => {
  socket = new FakeSocket();
  client = new OvsdbClient(socket, { clock: new VirtualClock(), log: nullLogger });
});

function transactWith(result: unknown): Promise<unknown> {
  const outcome = client.transact(OPEN_VSWITCH, OPERATIONS);
  socket.receiveMessage({ id: 1, result, error: null });
  return outcome;
}

async function failureWith(result: unknown): Promise<errors.OvsdbError> {
  const error: unknown = await transactWith(result).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(errors.OvsdbError);
  return error as errors.OvsdbError;
}

describe('a transaction', () => {
  test('goes out with its database first', async () => {
    await transactWith([{ count: 1 }, { count: 2 }, {}]);
    const wires = OPERATIONS.map(({ wire }) => wire);
    expect(socket.takeSent()).toEqual([
      { id: 1, method: 'transact', params: ['Open_vSwitch', ...wires] },
    ]);
  });

  test('that succeeded gives the results of its operations', async () => {
    expect(await transactWith([{ count: 1 }, { count: 2 }, {}])).toEqual([1, 2, undefined]);
  });

  test('that failed names the operation that did; all after it are null', async () => {
    const refused = { error: 'constraint violation', details: 'too long', syntax: '{}' };
    const error = await failureWith([{ count: 1 }, refused, null]);
    expect(error).toBeInstanceOf(errors.ConstraintViolationError);
    expect(error.name).toBe('ConstraintViolationError');
    expect(error).toMatchObject({ index: 1, details: 'too long', retriable: false });
    expect(error.operation).toEqual(OPERATIONS[1].wire);
    expect(error.message).toBe('operation 1 ("delete"): constraint violation: too long');
  });

  test('whose commit failed has one result more', async () => {
    const refused = { error: 'referential integrity violation', details: 'dangling' };
    const error = await failureWith([{ count: 1 }, { count: 1 }, {}, refused]);
    expect(error).toBeInstanceOf(errors.ReferentialIntegrityError);
    expect(error).toMatchObject({ index: 3, operation: undefined });
    expect(error.message).toBe('commit: referential integrity violation: dangling');
  });

  test('that the server could not read has a bare error for its result', async () => {
    const error = await failureWith({ error: 'syntax error', details: 'array expected' });
    expect(error).toBeInstanceOf(errors.SyntaxViolationError);
    expect(error.index).toBeUndefined();
  });

  test.each([
    ['too few results', [{ count: 1 }]],
    ['too many results', [{ count: 1 }, { count: 1 }, {}, {}, {}]],
    ['one result more that is no error', [{ count: 1 }, { count: 1 }, {}, {}]],
    ['a null without an error before it', [{ count: 1 }, null, {}]],
    ['a result of another operation', [{ uuid: ['uuid', 'x'] }, { count: 1 }, {}]],
    ['no results', 'done'],
  ])('answered with %s ends the connection', async (_what, result) => {
    await expect(transactWith(result)).rejects.toThrow(errors.ConnectionError);
    expect(socket.destroyed).toBe(true);
  });

  test.each(errors.ERROR_TAGS)('refused with %j has a class of its own', async (tag) => {
    const error = await failureWith([{ error: tag }, null, null]);
    expect(error.constructor).not.toBe(errors.OvsdbError);
    expect(error.error).toBe(tag);
  });

  test('refused with megabytes of words keeps the first of them', async () => {
    const error = await failureWith({ error: 'x'.repeat(1e6), details: 'y'.repeat(1e6) });
    expect(error.message.length).toBeLessThan(3000);
  });

  test('refused with an error that nobody knows keeps its words', async () => {
    const error = await failureWith([{ error: 'moon phase', details: 'new' }, null, null]);
    expect(error.constructor).toBe(errors.OvsdbError);
    expect(error).toMatchObject({ error: 'moon phase', details: 'new', retriable: false });
  });
});

test('every class of error belongs to exactly one tag', () => {
  const classes = errors.ERROR_TAGS.map((error) => errors.refusalOf({ error }, {}).constructor);
  const declared = Object.values(errors).filter(
    (value) => typeof value === 'function' && value.prototype instanceof errors.OvsdbError,
  );
  expect(new Set(classes)).toEqual(new Set(declared));
  expect(classes).toHaveLength(declared.length);
});
