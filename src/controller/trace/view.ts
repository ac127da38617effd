/** A packet's way through hosts, as whoever asks may see it. */
import { explain, type Finding, type FleetTrace, type Hop } from '../../simulator/index.ts';
import { formatAddress, groupsOfSet, type Port, type Topology } from '../../topology/index.ts';
import { isAllowed } from '../neutron/policy.ts';
import type { Requester } from '../neutron/requester.ts';
import { describe, type Question } from './packet.ts';
import { nameOf, ruleWords } from './rule-words.ts';

export interface StepView {
  readonly table: string;
  readonly outcome: Finding['outcome'];
  readonly text: string;
  /** The rule that lets the packet through, where it may be seen. */
  readonly rule: { readonly id: string; readonly security_group_id: string } | null;
}

export interface HopView {
  /** Id of the host; null where hosts are not shown. */
  readonly host: string | null;
  readonly enters: string;
  /** Null: it goes no further. */
  readonly leaves: string | null;
  readonly steps: readonly StepView[];
}

export interface PassageView {
  readonly packet: string;
  readonly verdict: 'delivered' | 'dropped';
  readonly hops: readonly HopView[];
}

/** Who asks, about what, and what there is. */
export interface Scene {
  readonly topology: Topology;
  readonly requester: Requester;
  readonly question: Question;
  readonly sender: Port;
  readonly receiver: Port | undefined;
}

/** One way of an exchange; `sender` of the scene is who sends on this one. */
export function passageView(scene: Scene, trace: FleetTrace, isDelivered: boolean): PassageView {
  return {
    packet: describe(scene.question),
    verdict: isDelivered ? 'delivered' : 'dropped',
    hops: trace.hops.map((hop, at) => hopView(scene, hop, at === 0)),
  };
}

/** The scene of the answer. */
export function turned(scene: Scene, receiver: Port): Scene {
  const { question, sender } = scene;
  const { source, destination, port, sourcePort } = question;
  const turnedRound = {
    ...question,
    source: destination,
    destination: source,
    port: sourcePort,
    sourcePort: port,
    ...(question.icmp === undefined ? {} : { icmp: undefined }),
  };
  return { ...scene, question: turnedRound, sender: receiver, receiver: sender };
}

function hopView(scene: Scene, hop: Hop, isFirst: boolean): HopView {
  const { requester, sender, receiver } = scene;
  const judged = isFirst ? sender : receiver;
  const own = placeholders(scene, hop);
  const steps = explain(hop.steps).map((finding): StepView => {
    const isIngress = finding.step.tableName.startsWith('Ingress');
    const groups = groupNames(scene, isIngress ? receiver : judged);
    const rule = ruleOf(scene, finding);
    const names: Readonly<Record<string, string>> = { ...own, groups, rule: rule.text };
    return {
      table: finding.step.tableName,
      outcome: finding.outcome,
      text: finding.text.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? ''),
      rule: rule.shown,
    };
  });
  const isLocal = hop.steps.some(({ tableName }) => tableName === 'Output');
  return {
    host: requester.isAdmin ? hop.hostId : null,
    enters: isFirst ? portName(scene, sender) : 'tunnel',
    leaves: hop.outPorts.length === 0 ? null : isLocal ? portName(scene, receiver) : 'tunnel',
    steps,
  };
}

function placeholders(scene: Scene, hop: Hop): Record<string, string> {
  const { topology, requester, question, sender, receiver } = scene;
  const host = topology.get('binding', receiver?.id ?? '')?.host_id;
  const isElsewhere = host !== undefined && host !== hop.hostId;
  return {
    port: portName(scene, sender),
    network: `network ${nameOf(topology, 'network', sender.network_id)}`,
    source: formatAddress(question.source),
    receiver: portName(scene, receiver),
    receiverHost: isElsewhere && requester.isAdmin ? `host ${host}` : 'another host',
  };
}

export type Viewer = Pick<Scene, 'topology' | 'requester'>;

export function maySee({ topology, requester }: Viewer, port: Port): boolean {
  return isAllowed('get_port', requester, port, topology);
}

export function portName(viewer: Viewer, port: Port | undefined): string {
  if (port === undefined) return 'nobody';
  if (!maySee(viewer, port)) return 'a port of another project';
  return `port ${nameOf(viewer.topology, 'port', port.id)}`;
}

export function groupNames(viewer: Viewer, port: Port | undefined): string {
  if (port !== undefined && !maySee(viewer, port)) return 'of another project';
  const groups = groupsOfSet([...new Set(port?.security_groups)].sort().join('+'));
  if (groups.length === 0) return 'it is in none';
  return groups.map((id) => nameOf(viewer.topology, 'security_group', id)).join(', ');
}

function ruleOf(
  { topology, requester }: Scene,
  { step: { unit } }: Finding,
): { shown: StepView['rule']; text: string } {
  const id = unit?.startsWith('security-group-rule/') ? unit.slice(unit.indexOf('/') + 1) : '';
  const rule = topology.get('security_group_rule', id);
  if (rule === undefined) return { shown: null, text: '' };
  const { security_group_id } = rule;
  if (!isAllowed('get_security_group_rule', requester, rule, topology)) {
    return { shown: null, text: 'a rule of another project' };
  }
  return { shown: { id, security_group_id }, text: ruleWords(rule, topology) };
}
