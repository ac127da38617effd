/**
 * What a step on a packet's way means, in words. `{port}`, `{network}` and the like stand for names
 * that only the topology knows; whoever shows the words fills them in.
 */
import { PRIORITY } from '../pipeline/index.ts';
import type { Step } from './translation.ts';

export interface Finding {
  readonly step: Step;
  /** `no rule`: a question of security groups that found nothing; the packet itself goes on. */
  readonly outcome: 'goes on' | 'dropped' | 'no rule';
  readonly text: string;
}

export function explain(steps: readonly Step[]): Finding[] {
  return steps.map((step, at) => {
    const outcome = outcomeOf(step);
    return { step, outcome, text: wordsOf(step, steps[at + 1]) };
  });
}

function outcomeOf({ tableName, flow }: Step): Finding['outcome'] {
  if (flow !== undefined && flow.instructions.length > 0) return 'goes on';
  return QUESTIONS.has(tableName) ? 'no rule' : 'dropped';
}

/** The most precise words first: of the unit's kind, of the table asked next, of the priority. */
function wordsOf({ tableName, flow, unit }: Step, next: Step | undefined): string {
  const words = WORDS[tableName] ?? {};
  const priority = NAMES.get(flow?.priority ?? PRIORITY.miss) ?? '';
  const kind = unit?.split('/')[0];
  const keys = [`${priority} ${kind}`, `${priority} ${next?.tableName}`, priority, 'any'];
  const key = keys.find((name) => words[name] !== undefined) ?? '';
  return words[key] ?? '';
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PRIORITY).map(([name, priority]) => [priority, name]),
);

const QUESTIONS: ReadonlySet<string> = new Set([
  'IngressRules',
  'EgressRules',
  'RuleHits',
  'IngressPacketRules',
  'EgressPacketRules',
  'PacketRuleHits',
]);

type Words = Readonly<Record<string, string>>;

const connection = (opening: string, answering: string, opens: string): Words => ({
  guard: 'it belongs to no connection, and does not open one either',
  [`normal ${opening}`]: opens,
  [`normal ${answering}`]: 'an answer: what let its connection be opened is asked again',
});

const verdict = (way: string): Words => ({
  exception: 'allowed; the connection is remembered',
  normal: 'allowed',
  miss: `no rule of the security groups ({groups}) lets it ${way}`,
});

const tracking = (way: string): Words => ({
  guard: `a stateless group lets it ${way}: no connection is tracked`,
  'exception EgressConnection': 'its connection is tracked',
  exception: `a stateless group lets it ${way}: no connection is tracked`,
  normal: 'no stateless group lets it through: its connection is tracked',
});

const security = (way: string): Words => ({
  exception: `every port lets this ${way}`,
  normal: 'to be judged by the security groups: {groups}',
  bypass: 'port security is off: no rule is asked',
});

const question = (name: string): Words => ({
  miss: `no ${name} rule fits`,
  any: `${name} rules are found that fit the addresses`,
});

const hits: Words = { miss: 'no rule fits the service', any: '{rule}' };

const isolation: Words = {
  normal: '{receiver} hears its own community',
  rest: '{receiver} does not hear who sends this',
  miss: 'to a port that hears everybody, or from one that everybody hears',
};

/** By table; then by the name of the flow's priority, alone or with what tells two flows apart. */
const WORDS: Readonly<Record<string, Words>> = {
  Classifier: {
    'normal local-port': 'from {port} into {network}',
    'normal base': 'from the tunnel',
    miss: 'from a port that is none of ours',
  },
  RemoteSender: {
    normal: 'from a port that is isolated, or of a community',
    miss: 'from a port that everybody may hear',
  },
  TunnelPeer: {
    normal: 'the sending host shares a network with this one',
    miss: 'the sending host shares no network with this one',
  },
  TunnelNetwork: {
    normal: 'this host carries {network}',
    miss: 'this host carries no such network',
  },
  PortSecurityEth: {
    normal: 'the source MAC address is one of the port',
    rest: 'the source MAC address is none of the port',
    bypass: 'port security is off',
    sanity: 'nobody may send from that MAC address, or with a second tag',
    miss: 'the source MAC address is none of the port',
  },
  PortSecurityIp: {
    normal: 'the port may send from {source}',
    rest: 'the port may not send from {source}',
    guard: 'only servers and routers send this, never a guest',
    miss: 'the port may not send from {source}',
  },
  PortSecurityNd: {
    miss: 'no neighbour discovery',
    rest: 'neighbour discovery that speaks for others',
    any: 'neighbour discovery as it should be',
  },
  EgressSecurity: security('out'),
  EgressStateless: { normal: 'rules of stateless groups are asked' },
  EgressTracking: tracking('out'),
  EgressConnection: connection(
    'EgressRules',
    'IngressRules',
    'the port opens the connection: egress rules are asked',
  ),
  EgressVerdict: verdict('out'),
  Services: {
    normal: 'the controller answers this in {network}',
    miss: 'nothing that the controller answers',
  },
  ServiceMeter: {
    normal: 'as long as the port asks for no more than it may',
    miss: 'from a port that is none of ours',
  },
  ServicePunt: { normal: 'to the controller, which answers' },
  NeighborResponder: {
    'normal DnsQueries': 'a DNS query, and ports of {network} have names',
    any: 'no question for a neighbour that is answered here',
  },
  DnsQueries: { normal: 'to the controller, which answers for names of {network}' },
  StormControl: {
    rest: 'to one port alone, from one that learns MAC addresses',
    normal: 'as long as the port sends no more to everybody than it may',
    miss: 'to one port alone, or without a limit',
  },
  MacLearning: {
    learned: 'from an address that is known behind the port',
    normal: 'from the own address of the port',
    rest: 'from another address behind the port: the controller is told',
    miss: 'the port has as many addresses as it may',
  },
  IngressRules: question('ingress'),
  EgressRules: question('egress'),
  RuleHits: hits,
  IngressPacketRules: question('ingress'),
  EgressPacketRules: question('egress'),
  PacketRuleHits: hits,
  Isolation: isolation,
  L2Forwarding: {
    'normal local-port': '{receiver} is on this host',
    'normal remote-port': '{receiver} is on {receiverHost}',
    learned: 'a port that may have the address has announced it, or sent from it, last',
    'rest UnknownUnicast': 'nobody has the destination MAC address: to the ports that learn',
    rest: 'no port that is plugged in in {network} has the destination MAC address',
    any: 'to everybody in {network}',
    miss: 'no such network here',
  },
  UnknownUnicast: {
    normal: 'as long as the port sends no more to everybody than it may',
    miss: 'from another host, or without a limit',
  },
  LearningHosts: { normal: 'to the other hosts with such ports', miss: 'to ports of this host' },
  LearningPorts: {
    normal: 'to the ports of this host that learn',
    miss: 'no port of this host learns',
  },
  IngressSecurity: security('in'),
  IngressStateless: { normal: 'rules of stateless groups are asked' },
  IngressTracking: tracking('in'),
  IngressConnection: connection(
    'IngressRules',
    'EgressRules',
    'others open the connection: ingress rules are asked',
  ),
  IngressVerdict: verdict('in'),
  CopyIsolation: isolation,
  TunnelMtu: { normal: 'the packet may be as large as {network} carries' },
  Output: {
    normal: 'out to {receiver}',
    exception: 'out to {receiver}',
    guard: 'it would come back to its sender',
    miss: 'no port to send it to',
  },
  RemoteOutput: {
    normal: 'into the tunnel to {receiverHost}',
    exception: 'it is larger than {network} carries, and its sender is told',
    guard: 'it came from a tunnel, and goes into none again',
    miss: 'it is larger than {network} carries',
  },
};
