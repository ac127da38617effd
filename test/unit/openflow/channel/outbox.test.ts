/**
 * Goal: small messages share a system call, and nothing waits longer than it must.
 * Method: a stream that notes what reaches it.
 */
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { Outbox } from '../../../../src/openflow/channel/outbox.ts';

function noted(): { stream: Writable; arrived: string[] } {
  const arrived: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      arrived.push(chunk.toString());
      done();
    },
    writev: (chunks, done) => {
      arrived.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  return { stream, arrived };
}

function send(outbox: Outbox, text: string): void {
  void outbox.write([Buffer.from(text)], text.length);
}

test('what is written in one turn leaves together at its end', async () => {
  const { stream, arrived } = noted();
  const outbox = new Outbox(stream, () => {});
  send(outbox, 'a');
  send(outbox, 'b');
  expect(arrived).toEqual([]);
  await Promise.resolve();
  expect(arrived).toEqual(['ab']);
});

test('what is flushed leaves before the turn ends, with all that was written before it', async () => {
  const { stream, arrived } = noted();
  const outbox = new Outbox(stream, () => {});
  send(outbox, 'a');
  send(outbox, 'b');
  outbox.flush();
  expect(arrived).toEqual(['ab']);
  send(outbox, 'c');
  await Promise.resolve();
  expect(arrived).toEqual(['ab', 'c']);
});
