/** What a trace comes to: in one word, in one sentence, and what to do about it. */
import {
  type Exchange,
  explain,
  type Finding,
  type FleetTrace,
  type Step,
} from '../../simulator/index.ts';
import { formatAddress, mayHear, type Port } from '../../topology/index.ts';
import { nameOf } from './rule-words.ts';
import { groupNames, maySee, portName, type Scene, turned, type Viewer } from './view.ts';

export interface Verdict {
  readonly verdict: 'allowed' | 'dropped' | 'reply dropped';
  readonly reason: string;
  /** What to do so that it passes. */
  readonly advice: string | null;
}

/** Why a port takes part in nothing at the moment; undefined when it does. */
export function absence(viewer: Viewer, port: Port): Verdict | undefined {
  const { topology } = viewer;
  const name = portName(viewer, port);
  const dropped = (reason: string, advice: string): Verdict => ({
    verdict: 'dropped',
    reason,
    advice,
  });
  if (!port.admin_state_up) {
    return dropped(`${name} is down (admin_state_up is false)`, 'set the port up');
  }
  if (topology.get('network', port.network_id)?.admin_state_up !== true) {
    const network = nameOf(topology, 'network', port.network_id);
    return dropped(`network ${network} is down (admin_state_up is false)`, 'set the network up');
  }
  const binding = topology.get('binding', port.id);
  if (binding === undefined || topology.get('host', binding.host_id) === undefined) {
    const advice = `set external_ids:iface-id=${port.id} on its interface in br-int`;
    return dropped(`${name} is not plugged in on any host`, advice);
  }
  return undefined;
}

export function verdictOf(scene: Scene, result: Exchange): Verdict {
  const { isDelivered, isAnswered, reply, request } = result;
  if (request.questions.some(({ service }) => service === 'dns')) return DNS_QUERY;
  if (!isDelivered) return dropOf(scene, request) ?? unexplained(scene, 'dropped');
  if (reply === undefined) {
    return { verdict: 'allowed', reason: 'the packet arrives; nothing answers it', advice: null };
  }
  if (isAnswered) {
    return { verdict: 'allowed', reason: 'the packet and its reply arrive', advice: null };
  }
  const { receiver } = scene;
  const back = receiver && turned(scene, receiver);
  const drop = back && dropOf(back, reply);
  if (back === undefined || drop === undefined) return unexplained(scene, 'reply dropped');
  const reason = `the packet arrives, but not its reply: ${drop.reason}`;
  const advice = statelessAdvice(back, reply) ?? drop.advice;
  return { verdict: 'reply dropped', reason, advice };
}

/** What it asks for, nobody has said. */
const DNS_QUERY: Verdict = {
  verdict: 'allowed',
  reason: 'the controller answers it if it asks for a name of the network, or passes it on',
  advice: null,
};

function unexplained(scene: Scene, verdict: Verdict['verdict']): Verdict {
  const name = portName(scene, scene.receiver);
  return { verdict, reason: `it does not reach ${name}`, advice: null };
}

/** The last step that dropped the packet. */
function droppingStep({ hops }: FleetTrace): Finding | undefined {
  return hops
    .flatMap(({ steps }) => explain(steps))
    .findLast(({ outcome }) => outcome === 'dropped');
}

function dropOf(scene: Scene, trace: FleetTrace): Verdict | undefined {
  const dropped = droppingStep(trace);
  if (dropped === undefined) return undefined;
  const { sender, receiver } = scene;
  const { tableName } = dropped.step;
  if (tableName.startsWith('PortSecurity')) return portSecurity(scene, dropped.step);
  if (tableName.endsWith('Connection')) return invalid(dropped);
  if (tableName.startsWith('Egress')) return judged(scene, 'egress', sender);
  if (tableName.startsWith('Ingress') && receiver) return judged(scene, 'ingress', receiver);
  if (tableName === 'L2Forwarding' || tableName === 'Isolation') return unreachable(scene);
  return { verdict: 'dropped', reason: `dropped in ${tableName}: ${dropped.text}`, advice: null };
}

function portSecurity(scene: Scene, { tableName }: Step): Verdict {
  const name = portName(scene, scene.sender);
  const source = formatAddress(scene.question.source);
  const own = [...scene.sender.fixed_ips, ...scene.sender.allowed_address_pairs].some(
    ({ ip_address }) => ip_address === source,
  );
  const reason = own
    ? `port security of ${name}: only servers and routers send this, never a guest`
    : `port security of ${name}: it may not send from ${source}`;
  const advice = own
    ? 'turn port security off for the port, if it is such a server'
    : `give the port ${source}, as a fixed address or among its allowed_address_pairs`;
  return { verdict: 'dropped', reason: `${reason} (${tableName})`, advice };
}

/** What conntrack takes for invalid: no rule of a stateful group would help. */
function invalid({ step, text }: Finding): Verdict {
  const advice = 'rules of stateless groups alone let such packets through';
  return { verdict: 'dropped', reason: `${text} (${step.tableName})`, advice };
}

/** The simulator does as userspace does (Open vSwitch 3.1, conntrack.c, extract_l4). */
const SCTP_NOTE =
  '; where the datapath is the kernel’s, which reads ports of SCTP, a rule for the port may do';

/** As a command that adds the missing rule. */
function judged(scene: Scene, direction: 'ingress' | 'egress', port: Port): Verdict {
  const { question } = scene;
  const isIn = direction === 'ingress';
  const far = formatAddress(isIn ? question.source : question.destination);
  const name = portName(scene, port);
  const { protocol } = question;
  const service = question.port === undefined ? protocol : `${protocol} ${question.port}`;
  const groups = groupNames(scene, port);
  const way = isIn ? `in from ${far}` : `out to ${far}`;
  const note = protocol === 'sctp' ? SCTP_NOTE : '';
  const rules = `no ${direction} rule of ${name} (groups: ${groups})`;
  const reason = `${rules} lets ${service} ${way}${note}`;
  if (!maySee(scene, port)) {
    return { verdict: 'dropped', reason, advice: 'ask the project of that port for a rule' };
  }
  const group = port.security_groups[0] ?? 'GROUP';
  const options = [
    `--${direction} --ethertype ${question.ethertype} --protocol ${protocol}`,
    ...(question.port === undefined ? [] : [`--dst-port ${question.port}`]),
    `--remote-ip ${far}`,
  ].join(' ');
  const first = port.security_groups.length === 0 ? 'put the port into a group; then: ' : '';
  const advice = `${first}openstack security group rule create ${options} ${group}`;
  return { verdict: 'dropped', reason, advice };
}

function unreachable(scene: Scene): Verdict {
  const { topology, sender, receiver, question } = scene;
  const network = `network ${nameOf(topology, 'network', sender.network_id)}`;
  if (receiver === undefined) {
    const address = formatAddress(question.destination);
    return {
      verdict: 'dropped',
      reason: `no port of ${network} has ${address}, and nothing routes out of it yet`,
      advice: 'trace to a port of the same network',
    };
  }
  const name = portName(scene, receiver);
  if (receiver.network_id !== sender.network_id) {
    const other = nameOf(topology, 'network', receiver.network_id);
    return {
      verdict: 'dropped',
      reason: `${name} is in network ${other}, and nothing routes between it and ${network} yet`,
      advice: 'give one of them a port in the network of the other',
    };
  }
  if (!mayHear(sender, receiver)) {
    const ports = `${portName(scene, sender)} and ${name}`;
    const reason = `${ports} do not hear each other: one is isolated, or of another community`;
    return { verdict: 'dropped', reason, advice: 'make one of them promiscuous' };
  }
  const away = absence(scene, receiver);
  const reason = `no port in ${network} has the MAC address that the packet goes to`;
  return away ?? { verdict: 'dropped', reason, advice: null };
}

/** Stateless groups remember nothing, so that an answer needs rules of its own. */
function statelessAdvice(back: Scene, reply: FleetTrace): string | undefined {
  const { topology, sender, receiver } = back;
  const isIn = droppingStep(reply)?.step.tableName.startsWith('Ingress') === true;
  const stateless = (isIn ? receiver : sender)?.security_groups.find(
    (id) => topology.get('security_group', id)?.stateful === false,
  );
  if (stateless === undefined) return undefined;
  const name = nameOf(topology, 'security_group', stateless);
  const rule = isIn ? 'an ingress rule' : 'an egress rule';
  return `group ${name} is stateless: give it ${rule} for the answers`;
}
