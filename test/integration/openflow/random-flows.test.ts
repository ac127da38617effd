/**
 * Goal: a real switch keeps random flows exactly as we say them: it prints our text and sends our
 * bytes. That is what comparing a dump with the desired state stands on.
 * Method: flows of every protocol (from the rows of the fields) go into a sandbox switch as the
 * text of formatFlow, through ovs-ofctl; its dump is compared line by line, and once more as the
 * bytes that it sends on a raw connection. The seed is printed when it fails.
 */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ovs } from '../../../lab/ovs.ts';
import { instructionBytes, instructionsFromBytes } from '../../../src/openflow/instructions.ts';
import { matchBytes, matchFromBytes } from '../../../src/openflow/oxm/index.ts';
import { type FlowText, formatFlow } from '../../../src/openflow/text/index.ts';
import { acceptedFlow } from '../../support/flow-arbitrary.ts';
import { startSandbox } from '../../support/sandbox.ts';

const FLOWS = 1_000;

let ovs: Ovs;

beforeAll(async () => {
  ovs = await startSandbox();
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'Bridge', 'br0', 'protocols=OpenFlow15');
});

afterAll(() => ovs.stop());

/** Flows that differ in priority, so that none replaces another. */
function randomFlows(seed: number): FlowText[] {
  return fc
    .sample(acceptedFlow, { numRuns: FLOWS, seed })
    .map((flow, i) => ({ ...flow, priority: i + 1 }));
}

const MULTIPART_REPLY = 19;
const HELLO = Buffer.from('0600000800000001', 'hex');
/** OFPMP_FLOW_DESC of all tables, any port and group, any cookie, an empty match. */
const FLOW_REQUEST = Buffer.from(
  '0612003800000002000100000000000' +
    '0ff000000ffffffffffffffff00000000000000000000000000000000000000000001000400000000',
  'hex',
);

/** Every flow entry of the replies, as bytes. */
function dumpBytes(socketPath: string): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const entries: Buffer[] = [];
    let pending: Buffer = Buffer.alloc(0);
    const socket = connect(socketPath, () => socket.write(Buffer.concat([HELLO, FLOW_REQUEST])));
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 8 && pending.length >= pending.readUInt16BE(2)) {
        const message = pending.subarray(0, pending.readUInt16BE(2));
        pending = pending.subarray(message.length);
        if (message[1] !== MULTIPART_REPLY) continue;
        for (let at = 16; at < message.length; at += message.readUInt16BE(at)) {
          entries.push(Buffer.from(message.subarray(at, at + message.readUInt16BE(at))));
        }
        if (message.readUInt16BE(10) === 0) {
          socket.destroy();
          resolve(entries);
        }
      }
    });
  });
}

/** The parts of an entry: 24 fixed bytes, match, statistics, instructions. */
function splitEntry(entry: Buffer) {
  const padded = (at: number) => Math.ceil(entry.readUInt16BE(at + 2) / 8) * 8;
  const stats = 24 + padded(24);
  return {
    priority: entry.readUInt16BE(6),
    match: entry.subarray(24, stats),
    instructions: entry.subarray(stats + padded(stats)),
  };
}

test.for([1, Date.now() % 1_000_000])(
  'a switch keeps the random flows of seed %i as we say them',
  async (seed) => {
    const flows = randomFlows(seed);
    const file = join(ovs.dir, 'flows.txt');
    await writeFile(file, flows.map((flow) => formatFlow(flow)).join('\n'));
    await ovs.ofctl('del-flows', 'br0');
    const refusal = await ovs.ofctl('add-flows', 'br0', file).catch(String);
    const line = Number(/flows\.txt:(\d+)/.exec(refusal)?.[1]);
    expect([refusal, flows[line - 1] && formatFlow(flows[line - 1] as FlowText)]).toEqual([
      '',
      undefined,
    ]);

    const dump = await ovs.ofctl('dump-flows', 'br0', '--no-stats', '--no-names');
    const lines = dump
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(lines.sort()).toEqual(flows.map((flow) => formatFlow(flow)).sort());

    const entries = (await dumpBytes(join(ovs.dir, 'br0.mgmt'))).map(splitEntry);
    expect(entries).toHaveLength(FLOWS);
    for (const { priority, match, instructions } of entries) {
      const flow = flows[priority - 1] as FlowText;
      const text = formatFlow(flow);
      expect([text, match.toString('hex')]).toEqual([text, matchBytes(flow.match).toString('hex')]);
      expect([text, instructions.toString('hex')]).toEqual([
        text,
        instructionBytes(flow.instructions).toString('hex'),
      ]);
      expect(matchFromBytes(match)).toEqual(flow.match);
      expect(instructionsFromBytes(instructions)).toEqual(flow.instructions);
    }
  },
);
