/**
 * One host full of ports in one security group, all of whose rules name one remote group: what its
 * flows are, and how often they look a packet up.
 */
import { compileHost, DesiredState } from '../src/compiler/index.ts';
import { SwitchModel } from '../src/simulator/index.ts';
import { binding, host, network, port, securityGroup, securityGroupRule } from './records.ts';
import { type Row, topologyOf } from './topology.ts';

export interface SecurityLoad {
  /** Secured ports of the host; the first is a member, too. */
  readonly ports: number;
  /** Rules, each for one port of TCP. */
  readonly rules: number;
  /** Members of the remote group, on other hosts. */
  readonly members: number;
}

export interface SecurityCost {
  readonly flows: number;
  /** Lookups between two that begin anew, at most: of a packet to one port, and to all. */
  readonly unicast: number;
  readonly flood: number;
  /** What the topology says beforehand. */
  readonly counted: { readonly flows: number; readonly clauses: number };
}

/** Ports of one network on the host. */
export const PORTS_OF_NETWORK = 100;

export function securityCost(load: SecurityLoad): SecurityCost {
  const topology = topologyOf(recordsOf(load));
  const state = new DesiredState();
  state.apply(compileHost(topology, 'here'));
  const flows = state.tables().reduce((sum, table) => sum + [...state.flowsOf(table)].length, 0);
  const [unicast, flood] = [macOf(1), BROADCAST].map((eth_dst) => {
    const packet = { ...OPENING, eth_dst, tcp_dst: FIRST_RULE + load.rules - 1 };
    const { outputs, resubmits } = new SwitchModel(state).run(packet, 1);
    if (outputs.length === 0) throw new Error('the packet is let through');
    return resubmits;
  });
  const counted = topology.hostLoads.of('here');
  return { flows, unicast: unicast ?? 0, flood: flood ?? 0, counted };
}

const BROADCAST = 0xffff_ffff_ffff;
const FIRST_RULE = 2001;

/** From the first port to the second, which a rule allows. */
const OPENING = {
  eth_src: macOf(0),
  eth_type: 0x0800,
  ip_proto: 6,
  ip_src: addressOf(0),
  ip_dst: addressOf(1),
  tcp_src: 1000,
  tcp_flags: 2,
} as const;

function recordsOf({ ports, rules, members }: SecurityLoad): Row[] {
  return [
    ['host/here', host('here', '198.18.0.1')],
    ['security_group/web', securityGroup('web', 1)],
    ['security_group/clients', securityGroup('clients', 2)],
    ['security_group_rule/out', securityGroupRule('out', 'web', { direction: 'egress' })],
    ...each(rules, ruleRow),
    ...each(Math.ceil(ports / PORTS_OF_NETWORK), (i): Row => {
      return [`network/net-${i}`, network(`net-${i}`, 100 + i)];
    }),
    ...each(ports, (i) => portRow(i, i === 0 ? ['clients', 'web'] : ['web'])),
    ...each(ports, (i): Row => [`binding/port-${i}`, binding(`port-${i}`, 'here', i + 1)]),
    ...each(members, (i) => portRow(ports + i, ['clients'])),
  ];
}

function ruleRow(index: number): Row {
  const number = FIRST_RULE + index;
  const service = { protocol: 'tcp', port_range_min: number, port_range_max: number };
  const id = `rule-${index}`;
  const rule = securityGroupRule(id, 'web', { ...service, remote_group_id: 'clients' });
  return [`security_group_rule/${id}`, rule];
}

function portRow(index: number, security_groups: readonly string[]): Row {
  const id = `port-${index}`;
  const at = {
    network: `net-${Math.floor(index / PORTS_OF_NETWORK)}`,
    mac: macOf(index)
      .toString(16)
      .padStart(12, '0')
      .replace(/..(?=.)/g, '$&:'),
    ips: [`10.0.${index >> 8}.${index & 0xff}`],
  };
  return [`port/${id}`, port(id, at, { security_groups })];
}

function macOf(index: number): number {
  return 0x0200_0000_0000 + index;
}

function addressOf(index: number): number {
  return 0x0a00_0000 + index;
}

function each<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
