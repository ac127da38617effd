/** Desired states written by hand: flows and groups as `ovs-ofctl` reads them. */

import { instructionBytes } from '../../src/openflow/instructions.ts';
import { bucketBytes } from '../../src/openflow/messages/index.ts';
import { matchBytes } from '../../src/openflow/oxm/index.ts';
import { parseFlow, parseGroup } from '../../src/openflow/text/index.ts';
import { compiledFlow, compiledGroup, DesiredState } from '../../src/pipeline/index.ts';

/** One unit that holds all of it; groups are of type all. */
export function stateFromText(
  flows: readonly string[],
  groups: readonly string[] = [],
): DesiredState {
  const cookie = 1n;
  const unit = {
    key: 'unit',
    cookie,
    flows: flows.map((text) => {
      const { table = 0, priority = 0x8000, match, instructions } = parseFlow(text);
      return compiledFlow({
        table,
        priority,
        cookie,
        match: matchBytes(match),
        instructions: instructionBytes(instructions),
      });
    }),
    groups: groups.map((text) => {
      const { groupId, buckets } = parseGroup(text);
      return compiledGroup({ groupId, type: 'all', buckets: buckets.map(bucketBytes), cookie });
    }),
    meters: [],
    queues: [],
    conjunctions: [],
  };
  const state = new DesiredState();
  state.apply(new Map([[unit.key, unit]]));
  return state;
}
