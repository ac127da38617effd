/**
 * Goal: a bundle is done whole or not at all, and whoever sent it learns which member was at fault.
 * Method: a scripted switch that refuses at every point where a switch can.
 */
import { expect, test } from 'vitest';
import type { Channel, OpenFlowError } from '../../../../src/openflow/channel.ts';
import { encodeFlowMod, type Message } from '../../../../src/openflow/messages/index.ts';
import { matchBytes } from '../../../../src/openflow/oxm/index.ts';
import {
  type Conversation,
  converse,
  type ScriptedSwitch,
} from '../../../support/scripted-switch.ts';

type Control = Extract<Message, { type: 'OFPT_BUNDLE_CONTROL' }>;

function members(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) =>
    encodeFlowMod(
      {
        command: 'OFPFC_ADD',
        tableId: 1,
        cookie: BigInt(index),
        priority: 1,
        match: matchBytes({}),
        instructions: Buffer.alloc(0),
      },
      0,
    ),
  );
}

function otherForm(): Buffer {
  const match = matchBytes({ in_port: 1 });
  const flow = { command: 'OFPFC_ADD', tableId: 1, cookie: 0n, priority: 1, match } as const;
  return encodeFlowMod({ ...flow, instructions: Buffer.alloc(0) }, 0);
}

async function expectControl(peer: ScriptedSwitch, control: Control['control']): Promise<number> {
  const { message, xid } = await peer.expect('OFPT_BUNDLE_CONTROL');
  expect(message.control).toBe(control);
  expect(message.flags).toBe(3);
  return xid;
}

function reply(peer: ScriptedSwitch, control: Control['control'], xid: number): void {
  const fields = { bundleId: 1, flags: 0, properties: [] };
  peer.say({ type: 'OFPT_BUNDLE_CONTROL', control, ...fields }, xid);
}

/** Plays the switch up to the close request; gives the xids of the members. */
async function receive(peer: ScriptedSwitch, count: number): Promise<number[]> {
  reply(peer, 'OFPBCT_OPEN_REPLY', await expectControl(peer, 'OFPBCT_OPEN_REQUEST'));
  const xids: number[] = [];
  for (let i = 0; i < count; i++) {
    const { message, xid } = await peer.expect('OFPT_BUNDLE_ADD_MESSAGE');
    expect(message.inner.readUInt32BE(4)).toBe(xid);
    xids.push(xid);
  }
  return xids;
}

function failure(channel: Channel, list: readonly Buffer[]): Promise<OpenFlowError> {
  return channel.bundle(list).then(
    () => Promise.reject(new Error('the bundle was done')),
    (error: OpenFlowError) => error,
  );
}

async function stillUsable({
  channel,
  peer,
}: Pick<Conversation, 'channel' | 'peer'>): Promise<void> {
  const done = channel.bundle(members(1));
  await receive(peer, 1);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  await done;
}

test('a bundle is opened, filled, closed and only then committed', async () => {
  const { channel, peer } = await converse();
  const list = members(3);
  const done = channel.bundle(list);
  const xids = await receive(peer, 3);
  expect(xids).toEqual([xids[0], Number(xids[0]) + 1, Number(xids[0]) + 2]);
  const closeXid = await expectControl(peer, 'OFPBCT_CLOSE_REQUEST');
  reply(peer, 'OFPBCT_CLOSE_REPLY', closeXid);
  reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  await done;
  expect(list).toEqual(members(3));
});

test('a bundle leaves at once, whatever else the turn has to do', async () => {
  const { channel, peer } = await converse();
  const done = channel.bundle(members(3));
  expect(peer.log.slice(2)).toHaveLength(5);
  await receive(peer, 3);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  await done;
});

test('an empty bundle is done without a word', async () => {
  const { channel, peer } = await converse();
  await channel.bundle([]);
  expect(peer.log).toHaveLength(2);
});

test('a member that is refused when it is added discards the bundle and is named', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  const failed = failure(channel, members(4));
  const xids = await receive(peer, 4);
  peer.refuse(xids[2] ?? 0, 4, 9);
  peer.refuse(xids[1] ?? 0, 2, 4);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  reply(peer, 'OFPBCT_DISCARD_REPLY', await expectControl(peer, 'OFPBCT_DISCARD_REQUEST'));
  const error = await failed;
  expect([error.memberIndex, error.errorName]).toEqual([1, 'OFPBAC_BAD_OUT_PORT']);
  await stillUsable(conversation);
});

test('a member that is refused at the commit is named', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  const failed = failure(channel, members(3));
  const xids = await receive(peer, 3);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  const commit = await expectControl(peer, 'OFPBCT_COMMIT_REQUEST');
  peer.refuse(xids[0] ?? 0, 2, 9);
  peer.refuse(commit, 17, 13);
  const error = await failed;
  expect([error.memberIndex, error.errorName]).toEqual([0, 'OFPBAC_BAD_OUT_GROUP']);
  await stillUsable(conversation);
});

test('a commit that fails without naming a member rejects with its own error', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  const failed = failure(channel, members(1));
  await receive(peer, 1);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  peer.refuse(await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'), 17, 14);
  const error = await failed;
  expect([error.memberIndex, error.errorName]).toEqual([undefined, 'OFPBFC_TIMEOUT']);
  expect(error.retriable).toBe(true);
  await stillUsable(conversation);
});

/** Has the switch take a bundle of this form, and gives what it has said by then. */
async function teach({ channel, peer }: Conversation): Promise<number> {
  await stillUsable({ channel, peer });
  return peer.log.length;
}

/** Plays the switch up to the commit of forms that it has taken; gives the xids. */
async function receiveKnown(peer: ScriptedSwitch, count: number): Promise<number[]> {
  const xids: number[] = [];
  for (let i = 0; i < count; i++) xids.push((await peer.expect('OFPT_BUNDLE_ADD_MESSAGE')).xid);
  return [...xids, await expectControl(peer, 'OFPBCT_COMMIT_REQUEST')];
}

test('a bundle of forms that the switch has taken is committed without a question', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  const said = await teach(conversation);
  const done = channel.bundle(members(3));
  expect(peer.log.slice(said)).toHaveLength(4);
  const xids = await receiveKnown(peer, 3);
  expect(new Set(xids).size).toBe(4);
  reply(peer, 'OFPBCT_COMMIT_REPLY', xids[3] ?? 0);
  await done;
});

test('one message of another form has the switch asked', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  await teach(conversation);
  const done = channel.bundle([...members(2), otherForm()]);
  await receive(peer, 3);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  await done;
});

test('a form that was refused is asked about again', async () => {
  const { channel, peer } = await converse();
  for (let time = 0; time < 2; time++) {
    const failed = failure(channel, members(2));
    const xids = await receive(peer, 2);
    peer.refuse(xids[0] ?? 0, 4, 9);
    reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
    reply(peer, 'OFPBCT_DISCARD_REPLY', await expectControl(peer, 'OFPBCT_DISCARD_REQUEST'));
    expect((await failed).memberIndex).toBe(0);
  }
});

test('a known form that fails at the commit is named', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  await teach(conversation);
  const failed = failure(channel, members(3));
  const xids = await receiveKnown(peer, 3);
  peer.refuse(xids[1] ?? 0, 2, 9);
  peer.refuse(xids[3] ?? 0, 17, 13);
  const error = await failed;
  expect([error.memberIndex, error.errorName]).toEqual([1, 'OFPBAC_BAD_OUT_GROUP']);
  await stillUsable(conversation);
});

test('a known form that is left out rejects although the rest is done', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  await teach(conversation);
  const failed = failure(channel, members(3));
  const xids = await receiveKnown(peer, 3);
  peer.refuse(xids[2] ?? 0, 2, 4);
  reply(peer, 'OFPBCT_COMMIT_REPLY', xids[3] ?? 0);
  const error = await failed;
  expect([error.memberIndex, error.errorName]).toEqual([2, 'OFPBAC_BAD_OUT_PORT']);
  await stillUsable(conversation);
});

test('a long bundle is asked about, whatever is known of its forms', async () => {
  const conversation = await converse();
  await teach(conversation);
  const { channel, peer } = conversation;
  const done = channel.bundle(members(1025));
  await receive(peer, 1025);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  await done;
});

test('a bundle that cannot even be opened is no member’s fault', async () => {
  const conversation = await converse();
  const { channel, peer } = conversation;
  const failed = failure(channel, members(2));
  peer.refuse(await expectControl(peer, 'OFPBCT_OPEN_REQUEST'), 1, 10);
  for (let i = 0; i < 2; i++) {
    peer.refuse((await peer.expect('OFPT_BUNDLE_ADD_MESSAGE')).xid, 1, 10);
  }
  peer.refuse(await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'), 1, 10);
  peer.refuse(await expectControl(peer, 'OFPBCT_DISCARD_REQUEST'), 1, 10);
  const error = await failed;
  expect([error.memberIndex, error.errorName]).toEqual([undefined, 'OFPBRC_IS_SLAVE']);
  await stillUsable(conversation);
});

test('bundles that run side by side have ids and xids of their own', async () => {
  const { channel, peer } = await converse();
  const both = Promise.all([channel.bundle(members(2)), channel.bundle(members(2))]);
  const ids = new Set<number>();
  const xids = new Set<number>();
  for (let i = 0; i < 8; i++) {
    const { message, xid } = await peer.next();
    if (message.type === 'OFPT_BUNDLE_CONTROL' || message.type === 'OFPT_BUNDLE_ADD_MESSAGE') {
      ids.add(message.bundleId);
      xids.add(xid);
      if (message.type === 'OFPT_BUNDLE_CONTROL' && message.control === 'OFPBCT_CLOSE_REQUEST') {
        reply(peer, 'OFPBCT_CLOSE_REPLY', xid);
      }
    }
  }
  expect([ids.size, xids.size]).toEqual([2, 8]);
  for (let i = 0; i < 2; i++) {
    reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  }
  await both;
});

test('a bundle larger than the stream takes at once arrives whole', async () => {
  const { channel, peer } = await converse();
  const count = 20_000;
  const done = channel.bundle(members(count));
  await receive(peer, count);
  reply(peer, 'OFPBCT_CLOSE_REPLY', await expectControl(peer, 'OFPBCT_CLOSE_REQUEST'));
  reply(peer, 'OFPBCT_COMMIT_REPLY', await expectControl(peer, 'OFPBCT_COMMIT_REQUEST'));
  await done;
});
