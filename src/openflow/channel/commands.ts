/**
 * Messages that have no reply and fit no bundle, as meter-mods: sent in order, with a barrier
 * behind them whose reply says that all were looked at. Each stands for itself: a refusal undoes
 * nothing.
 */
import { encodeMessage, type Message } from '../messages/index.ts';
import { type BundleCarrier, Refusals } from './bundle.ts';

/** Rejects with the OpenFlowError of the first that was refused; the others may be done. */
export async function runCommands(
  carrier: Pick<BundleCarrier, 'takeXids' | 'open' | 'close' | 'write'>,
  commands: readonly Message[],
): Promise<void> {
  const count = commands.length + 1;
  const firstXid = carrier.takeXids(count);
  const refusals = new Refusals({ firstXid, count, framesBefore: 0 });
  carrier.open(refusals, firstXid, count);
  try {
    const barrier: Message = { type: 'OFPT_BARRIER_REQUEST' };
    const frames = [...commands, barrier].map((message, at) =>
      encodeMessage(message, firstXid + at),
    );
    const byteLength = frames.reduce((sum, frame) => sum + frame.length, 0);
    await Promise.all([carrier.write(frames, byteLength), refusals.closed]);
    const refused = refusals.first();
    if (refused !== undefined) throw refused;
  } finally {
    carrier.close(firstXid);
  }
}
