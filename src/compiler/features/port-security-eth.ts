/** Table PortSecurityEth: a port sends from its own MAC addresses. */
import {
  EgressSecurity,
  type FlowBuilder,
  type FlowDraft,
  InPort,
  PortSecurityEth,
  PortSecurityIp,
  PRIORITY,
  type Priority,
  portMeter,
  type Telling,
  Told,
} from '../../pipeline/index.ts';
import type { LocalPort } from '../inputs.ts';
import { GROUP_BIT } from '../protocols.ts';

/** Source addresses that nobody has, port security or not. */
export function dropImpossibleSources(): FlowDraft[] {
  return [GROUP_BIT, 0].map((eth_src) =>
    PortSecurityEth.flow(PRIORITY.sanity).match({ eth_src }).drop(),
  );
}

/**
 * Where a VM arrives, the first packet that the port sends tells the controller that it runs there:
 * whatever it is, QEMU's RARP, the guest's gratuitous ARP or neighbour advertisement, or data.
 */
export function checkEthSource({ ofport, facts, move }: LocalPort): FlowDraft[] {
  const from = InPort.is(ofport);
  const own = (priority: Priority, eth_src?: number): FlowBuilder => {
    const flow = PortSecurityEth.flow(priority).match(from, { ...(eth_src && { eth_src }) });
    return move?.arrives ? flow.tell('activation', signOfLife(ofport)).mark(Told) : flow;
  };
  if (!facts.secured) return [own(PRIORITY.bypass).goto(EgressSecurity)];
  return [
    ...facts.senders.map(({ mac }) => own(PRIORITY.normal, mac).goto(PortSecurityIp)),
    PortSecurityEth.flow(PRIORITY.rest).match(from).drop(),
  ];
}

/** That it sends is all that counts. */
function signOfLife(ofport: number): Telling {
  const parameters = Buffer.alloc(0);
  return { parameters, meterId: portMeter('services', ofport), maxLength: ETHERNET_BYTES };
}

const ETHERNET_BYTES = 14;
