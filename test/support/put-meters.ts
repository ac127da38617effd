/** Puts the meters of a state into a bridge by hand: those that are there are changed in place. */
import type { Ovs } from '../../lab/ovs.ts';
import type { DesiredState } from '../../src/pipeline/index.ts';
import { meterLines } from './world-text.ts';

export async function putMeters(ovs: Ovs, bridge: string, state: DesiredState): Promise<void> {
  const lines = meterLines(state.meters());
  if (lines.length === 0) return;
  const dump = await ovs.ofctl('dump-meters', bridge);
  const there = new Set(dump.match(/meter=\d+/g));
  for (const line of lines.filter((each) => !dump.includes(`${each}\n`))) {
    const known = there.has(line.split(' ')[0] ?? '');
    await ovs.ofctl(known ? 'mod-meter' : 'add-meter', bridge, line.replaceAll('\n', ''));
  }
}
