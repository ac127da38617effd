/** A desired state as `ovs-ofctl` writes and reads it. */
import { instructionsFromBytes } from '../../src/openflow/instructions.ts';
import { decodeBands, decodeBucket } from '../../src/openflow/messages/index.ts';
import { matchFromBytes } from '../../src/openflow/oxm/index.ts';
import {
  formatActions,
  formatFlow,
  formatMeter,
  type TextOptions,
} from '../../src/openflow/text/index.ts';
import { Reader } from '../../src/openflow/wire/index.ts';
import type { CompiledFlow, CompiledMeter, DesiredState } from '../../src/pipeline/index.ts';

type FlowContent = Pick<CompiledFlow, 'table' | 'priority' | 'cookie' | 'match' | 'instructions'>;

/** One line a flow, markers included. */
export function flowLines(state: DesiredState): string[] {
  const flows = state.tables().flatMap((table) => [...state.flowsOf(table)]);
  return [...flows, ...state.markers()].map((flow) => flowLine(flow));
}

export function flowLine(flow: FlowContent, options: TextOptions = {}): string {
  const match = matchFromBytes(flow.match);
  const instructions = instructionsFromBytes(flow.instructions);
  const { table, priority, cookie } = flow;
  return formatFlow({ table, priority, cookie, match, instructions }, options);
}

export function groupLines(state: DesiredState): string[] {
  return [...state.groups()].map(({ groupId, type, buckets }) => {
    const texts = buckets.map((bytes) => {
      const { bucketId, actions } = decodeBucket(new Reader(bytes));
      return `bucket=bucket_id:${bucketId},actions=${formatActions(actions)}`;
    });
    return [`group_id=${groupId}`, `type=${type}`, ...texts].join(',');
  });
}

/** As `dump-meters` prints them: a line for the meter, and one for each band. */
export function meterLines(meters: Iterable<CompiledMeter>): string[] {
  return [...meters].map(({ meterId, flags, bands }) => {
    return formatMeter({ meterId, flags, bands: decodeBands(new Reader(bands)) });
  });
}
