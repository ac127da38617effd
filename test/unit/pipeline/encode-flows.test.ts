/**
 * Goal: what flows of one unit share (one buffer, one text) does not show.
 * Method: a unit of all kinds of flows beside each of them encoded by itself.
 */
import { expect, test } from 'vitest';
import {
  decodeMessage,
  instructionBytes,
  type Match,
  matchBytes,
  OFPFF,
} from '../../../src/openflow/index.ts';
import {
  type CompiledFlow,
  compiledFlow,
  countingTables,
  encodeUnit,
  type FlowDraft,
  FromTunnel,
  IngressSecurity,
  L2Forwarding,
  NeighborResponder,
  Output,
  OutputPort,
  PortSecurityNd,
  PRIORITY,
  RuleHits,
  StormControl,
} from '../../../src/pipeline/index.ts';

const DRAFTS: readonly FlowDraft[] = [
  PortSecurityNd.flow(PRIORITY.miss).drop(),
  NeighborResponder.flow(PRIORITY.normal)
    .match({ in_port: 3 }, { eth_src: 0xfa16_3e00_0001 })
    .goto(StormControl),
  L2Forwarding.flow(PRIORITY.exception).matchMark(FromTunnel).group(7).done(),
  L2Forwarding.flow(PRIORITY.normal)
    .match({ metadata: 7n, eth_dst: 2 })
    .load(OutputPort, 9)
    .goto(IngressSecurity),
  RuleHits.flow(PRIORITY.normal).match({ conj_id: 7 }).drop(),
  Output.flow(PRIORITY.normal)
    .match({ ipv6_src: 1n << 127n }, { eth_type: 0x86dd })
    .drop(),
];

/** All that a flow says of itself; its bytes are not members that a comparison sees. */
function inHex(flow: CompiledFlow): object {
  const { table, priority, cookie, key, hash, message, match, instructions } = flow;
  const bytes = [message, match, instructions].map((part) => part.toString('hex'));
  return { table, priority, cookie, key, hash, bytes };
}

test('each flow of a unit is what it is by itself', () => {
  const { cookie, flows } = encodeUnit('u', ['network', 'u'], { flows: DRAFTS });
  const alone = DRAFTS.map(({ table, priority, conditions, instructions }) =>
    compiledFlow({
      table: table.id,
      priority,
      cookie,
      match: matchBytes(Object.assign({}, ...conditions) as Match),
      instructions: instructionBytes(instructions),
    }),
  );
  expect(flows.map(inHex)).toEqual(alone.map(inHex));
});

test('a unit keeps its bytes when others are encoded after it', () => {
  const { flows } = encodeUnit('u', ['network', 'u'], { flows: DRAFTS });
  const before = flows.map(inHex);
  encodeUnit('v', ['network', 'v'], { flows: DRAFTS.toReversed() });
  expect(flows.map(inHex)).toEqual(before);
});

const COUNTING = [...countingTables('rules'), ...countingTables('addresses')];

test('flows of tables that count begin at nothing when they take the place of others', () => {
  const { flows } = encodeUnit('u', ['network', 'u'], { flows: DRAFTS });
  const flags = flows.map(({ table, message }) => [table, decodeMessage(message).message]);
  for (const [table, message] of flags) {
    const expected = COUNTING.includes(Number(table)) ? OFPFF.RESET_COUNTS : 0;
    expect(message).toMatchObject({ type: 'OFPT_FLOW_MOD', flags: expected });
  }
});
