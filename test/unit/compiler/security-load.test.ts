/**
 * Goal: ports, rules and remote members add up in a host's flows and never multiply, and no packet
 * is looked up more often for it.
 * Method: every combination of few and many, compiled and counted against a formula.
 */
import { expect, test } from 'vitest';
import { PORTS_OF_NETWORK, type SecurityLoad, securityCost } from '../../../lab/security-load.ts';

const PORTS = [10, 100, 1000];
const RULES = [1, 10, 100];
const MEMBERS = [0, 100, 1000];
const LOADS = PORTS.flatMap((ports) =>
  RULES.flatMap((rules) => MEMBERS.map((members) => ({ ports, rules, members }))),
);

/** Flows that there are anyhow; of a port; of a network; of a rule: its service and its hits. */
const FLOWS = { base: 155, port: 28, network: 9, rule: 2, member: 1 };

/**
 * What is counted ahead of time is more by: a peer, and flows of the group set in tables in which
 * its groups have no rules, and for clauses that take everything.
 */
const OVERCOUNT = 18;

test.each(LOADS)('$ports ports, $rules rules and $members members add up', (load) => {
  const { flows, unicast, flood, counted } = securityCost(load);
  expect(flows).toBe(sum(load));
  expect(counted.flows - flows).toBe(OVERCOUNT);
  expect(unicast).toBe(11);
  expect(flood).toBe(8 * Math.min(load.ports, PORTS_OF_NETWORK));
});

function sum({ ports, rules, members }: SecurityLoad): number {
  const networks = Math.ceil(ports / PORTS_OF_NETWORK);
  const { base, port, network, rule, member } = FLOWS;
  return base + network * networks + port * ports + rule * rules + member * members;
}
