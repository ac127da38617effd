/** Table PortSecurityEth: a port sends from its own MAC addresses. */
import {
  EgressSecurity,
  type FlowDraft,
  InPort,
  PortSecurityEth,
  PortSecurityIp,
  PRIORITY,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { GROUP_BIT } from '../protocols.ts';

/** Source addresses that nobody has, port security or not. */
export function dropImpossibleSources(): FlowDraft[] {
  return [GROUP_BIT, 0].map((eth_src) =>
    PortSecurityEth.flow(PRIORITY.sanity).match({ eth_src }).drop(),
  );
}

export function checkEthSource({ ofport, facts }: LocalPort): FlowDraft[] {
  const from = InPort.is(ofport);
  if (!facts.secured) {
    return [PortSecurityEth.flow(PRIORITY.bypass).match(from).goto(EgressSecurity)];
  }
  return [
    ...facts.senders.map(({ mac }) =>
      PortSecurityEth.flow(PRIORITY.normal).match(from, { eth_src: mac }).goto(PortSecurityIp),
    ),
    PortSecurityEth.flow(PRIORITY.rest).match(from).drop(),
  ];
}
