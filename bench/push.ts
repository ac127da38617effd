/**
 * 10,000 flows into a real switch as one atomic bundle: compiled, encoded and pushed by us, beside
 * `ovs-ofctl --bundle add-flows` of the very same flows, in turn, on the same switch.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CompiledGroup, compileHost } from '../src/compiler/index.ts';
import { type Channel, encodeFlowMod, encodeGroup } from '../src/openflow/index.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { bareChannel, startSwitch } from './rig.ts';
import { makeWorld } from './world.ts';

const ROUNDS = 7;
const WORLD = makeWorld({ hosts: 3, ports: 1_000, onFirst: 348 });

export const push: Bench = {
  name: 'push',
  async run(note) {
    const ovs = await startSwitch('bench');
    const { channel, end } = await bareChannel(ovs);
    const file = join(ovs.dir, 'flows.txt');
    const empty = (): Promise<string> => ovs.ofctl('del-flows', 'br-int');

    // Flows name groups; those stay, so that both sides push flows and nothing else.
    const groups = [...compileHost(WORLD, 'host-0').values()].flatMap((unit) => unit.groups);
    await channel.bundle(groups.flatMap((group) => encodeGroup(groupMod(group))));
    const { count } = await pushAll(channel);
    const dump = await ovs.ofctl('dump-flows', 'br-int', '--no-stats', '--no-names');
    const lines = dump.split('\n').filter((line) => line.includes('actions='));
    await writeFile(file, lines.join('\n'));
    note(`${count} flows, ${lines.length} in the dump, ${ROUNDS} rounds each`);

    const ours: number[] = [];
    const compiling: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await empty();
      const { totalMs, compileMs } = await pushAll(channel);
      ours.push(totalMs);
      compiling.push(compileMs);
      await empty();
      const start = performance.now();
      await ovs.ofctl('add-flows', 'br-int', file, '--bundle');
      theirs.push(performance.now() - start);
    }
    await end();
    await ovs.stop();
    return figures(count, { ours, compiling, theirs });
  },
};

interface Samples {
  readonly ours: readonly number[];
  readonly compiling: readonly number[];
  readonly theirs: readonly number[];
}

function figures(count: number, { ours, compiling, theirs }: Samples): Figure[] {
  const [own, compile, other] = [ours, compiling, theirs].map((list) => quantile(list, 0.5));
  return [
    { name: 'flows in one atomic bundle', value: count, unit: 'flows' },
    { name: 'compile, encode and push, median', value: own ?? 0, unit: 'ms' },
    { name: 'of that: compile and encode', value: compile ?? 0, unit: 'ms' },
    { name: 'ovs-ofctl --bundle add-flows, median', value: other ?? 0, unit: 'ms' },
    { name: 'ratio', value: (own ?? 0) / (other ?? 1), unit: '×', goal: 'at most 0.8' },
  ];
}

async function pushAll(
  channel: Channel,
): Promise<{ count: number; totalMs: number; compileMs: number }> {
  const start = performance.now();
  const units = [...compileHost(WORLD, 'host-0').values()];
  const flows = units.flatMap((unit) => unit.flows);
  const members = flows.map((flow) =>
    encodeFlowMod({ ...flow, command: 'OFPFC_ADD', tableId: flow.table }, 0),
  );
  const compileMs = performance.now() - start;
  await channel.bundle(members);
  return { count: flows.length, totalMs: performance.now() - start, compileMs };
}

function groupMod(group: CompiledGroup): Parameters<typeof encodeGroup>[0] {
  return { ...group, command: 'OFPGC_ADD', groupType: group.type };
}
