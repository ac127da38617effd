/**
 * Goal: messages without a reply are known to be done, and a refusal says which of them it is about.
 * Method: a channel against a switch that the test plays.
 */
import { expect, test } from 'vitest';
import { ChannelClosedError, OpenFlowError } from '../../../../src/openflow/channel.ts';
import type { Message } from '../../../../src/openflow/messages/index.ts';
import { converse } from '../../../support/scripted-switch.ts';

const OFPET_METER_MOD_FAILED = 12;
const OFPMMFC_METER_EXISTS = 1;

function meterMods(count: number): Message[] {
  return Array.from({ length: count }, (_, index) => ({
    type: 'OFPT_METER_MOD',
    command: 'OFPMC_ADD',
    flags: 2,
    meterId: index + 1,
    bands: [],
  }));
}

test('they are done when the barrier behind them is answered', async () => {
  const { channel, peer } = await converse();
  let isDone = false;
  const done = channel.commands(meterMods(2)).then(() => {
    isDone = true;
  });
  const xids = [await peer.expect('OFPT_METER_MOD'), await peer.expect('OFPT_METER_MOD')];
  expect(xids.map(({ message }) => message.meterId)).toEqual([1, 2]);
  const { xid } = await peer.expect('OFPT_BARRIER_REQUEST');
  expect(isDone).toBe(false);
  peer.say({ type: 'OFPT_BARRIER_REPLY' }, xid);
  await done;
});

test('the first that is refused is named, after all were looked at', async () => {
  const { channel, peer } = await converse();
  const failed = channel.commands(meterMods(3)).catch((error: unknown) => error);
  const xids: number[] = [];
  for (let turn = 0; turn < 3; turn++) xids.push((await peer.expect('OFPT_METER_MOD')).xid);
  for (const xid of [xids[2], xids[0]]) {
    peer.refuse(xid ?? 0, OFPET_METER_MOD_FAILED, OFPMMFC_METER_EXISTS);
  }
  peer.say({ type: 'OFPT_BARRIER_REPLY' }, (await peer.expect('OFPT_BARRIER_REQUEST')).xid);
  const error = await failed;
  expect(error).toBeInstanceOf(OpenFlowError);
  expect(error).toMatchObject({ memberIndex: 0, errorName: 'OFPMMFC_METER_EXISTS' });
});

test('none of them is nothing to send, and a closed channel ends the wait', async () => {
  const { channel, peer } = await converse();
  await channel.commands([]);
  expect(peer.log).toHaveLength(2);
  const failed = channel.commands(meterMods(1)).catch((error: unknown) => error);
  await peer.expect('OFPT_METER_MOD');
  channel.close('over');
  expect(await failed).toBeInstanceOf(ChannelClosedError);
});
