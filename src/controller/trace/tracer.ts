/**
 * What happens to a packet between two ports, and to its reply, by the desired state of this
 * moment; and where the switches differ from that.
 */
import { compileBetween, DesiredState } from '../../compiler/index.ts';
import {
  type Exchange,
  exchange,
  FleetSimulator,
  type Place,
  type SimulatedHost,
} from '../../simulator/index.ts';
import {
  type AddressValue,
  badRequest,
  type Port,
  parseAddress,
  type Topology,
} from '../../topology/index.ts';
import type { Requester } from '../neutron/requester.ts';
import { visible } from '../neutron/visible.ts';
import { describe, type Receiver, readQuestion, readUnicast, type TraceRequest } from './packet.ts';
import { inspectSwitch, type SwitchSight, type SwitchView } from './switches.ts';
import { absence, type Verdict, verdictOf } from './verdict.ts';
import { maySee, type PassageView, passageView, type Scene, turned } from './view.ts';

export interface TraceView extends Verdict {
  /** Of the topology that it was traced in. */
  readonly revision: number;
  /** In words. */
  readonly packet: string;
  readonly from: EndView;
  readonly to: EndView;
  /** Null when the packet does not enter any switch. */
  readonly request: PassageView | null;
  /** Null when the packet does not arrive, or is of a kind that nobody answers. */
  readonly reply: PassageView | null;
  readonly switches: readonly SwitchView[];
}

interface EndView {
  readonly port_id: string | null;
  readonly name: string | null;
  /** Null: not plugged in, or not shown. */
  readonly host: string | null;
}

/** A MAC address that nobody has: neither hypervisors nor we give out any with this prefix. */
const NOBODY = 'fe:ff:ff:ff:ff:fe';

export class Tracer {
  readonly #topology: Topology;
  readonly #sight: SwitchSight;

  constructor(topology: Topology, sight: SwitchSight) {
    this.#topology = topology;
    this.#sight = sight;
  }

  /** Throws a refusal when the ports are not there for the requester, or the question is none. */
  async trace(request: TraceRequest, requester: Requester): Promise<TraceView> {
    const topology = this.#topology;
    const viewer = { topology, requester, dnsDomain: '' };
    const sender = visible('port', request.from, viewer);
    const address = readUnicast(request.to);
    const receiver =
      address === undefined
        ? receiverOf(visible('port', request.to, viewer))
        : findAddress(topology, sender, address);
    if (receiver.port?.id === sender.id) throw badRequest('to is the port that sends');
    const question = readQuestion(request, sender, receiver);
    const scene: Scene = { topology, requester, question, sender, receiver: receiver.port };
    const head = {
      revision: topology.revision,
      packet: describe(question),
      from: this.#end(scene, sender),
      to: this.#end(scene, receiver.port),
    };
    const away = absence(scene, sender);
    if (away !== undefined) return { ...away, ...head, request: null, reply: null, switches: [] };
    const result = this.#exchange(scene);
    return {
      ...verdictOf(scene, result),
      ...head,
      ...passages(scene, result),
      switches: await this.#switches(result, requester),
    };
  }

  #exchange(scene: Scene): Exchange {
    const { sender, receiver, question } = scene;
    const from = this.#place(sender) as Place;
    const isAway = receiver !== undefined && absence(scene, receiver) !== undefined;
    const to = isAway ? undefined : this.#place(receiver);
    const between = {
      networkId: sender.network_id,
      ports: receiver === undefined ? [sender] : [sender, receiver],
      addresses: [question.source, question.destination],
    };
    const hosts = [...new Set([from.hostId, to?.hostId ?? from.hostId])].map(
      (id): SimulatedHost => {
        const state = new DesiredState();
        state.apply(
          compileBetween(this.#topology, id, { ...between, held: this.#sight.units(id) }),
        );
        return { id, encap: encapOf(this.#topology, id), state };
      },
    );
    return exchange(new FleetSimulator(hosts), { from, to }, question.packet);
  }

  #place(port: Port | undefined): Place | undefined {
    const binding = this.#topology.get('binding', port?.id ?? '');
    if (binding === undefined) return undefined;
    const { ofport, vlan } = binding.wire ?? { ofport: binding.ofport, vlan: 0 };
    return { hostId: binding.host_id, ofport, vlan };
  }

  async #switches(
    { request, reply }: Exchange,
    { isAdmin }: Requester,
  ): Promise<readonly SwitchView[]> {
    const traces = reply === undefined ? [request] : [request, reply];
    const hosts = new Set(traces.flatMap(({ hops }) => hops.map(({ hostId }) => hostId)));
    return Promise.all(
      [...hosts].map(async (id) => {
        const view = await inspectSwitch(this.#sight, id, traces);
        return { host: isAdmin ? id : null, ...view };
      }),
    );
  }

  #end(scene: Scene, port: Port | undefined): EndView {
    if (port === undefined || !maySee(scene, port))
      return { port_id: null, name: null, host: null };
    const { isAdmin } = scene.requester;
    const host = this.#topology.get('binding', port.id)?.host_id ?? null;
    return {
      port_id: port.id,
      name: port.name,
      host: isAdmin ? host : null,
    };
  }
}

function passages(
  scene: Scene,
  { request, isDelivered, reply, isAnswered }: Exchange,
): Pick<TraceView, 'request' | 'reply'> {
  const there = passageView(scene, request, isDelivered);
  if (reply === undefined || scene.receiver === undefined) return { request: there, reply: null };
  const back = turned(scene, scene.receiver);
  return { request: there, reply: passageView(back, reply, isAnswered) };
}

function receiverOf(port: Port): Receiver {
  return { port, mac: port.mac_address, address: undefined };
}

/** Who has an address in the sender's network: as a fixed one, else in an allowed address pair. */
function findAddress(topology: Topology, sender: Port, address: AddressValue): Receiver {
  for (const subnetId of topology.members('subnetsOfNetwork', sender.network_id).keys()) {
    const port = topology.get('port', topology.addressOwner(subnetId, address) ?? '');
    if (port !== undefined) return { ...receiverOf(port), address };
  }
  for (const port of topology.members('portsOfNetwork', sender.network_id).values()) {
    const pair = port.allowed_address_pairs.find(
      ({ ip_address }) => parseAddress(ip_address) === address,
    );
    if (pair !== undefined) return { port, mac: pair.mac_address, address };
  }
  return { port: undefined, mac: NOBODY, address };
}

/** A host without one is sent nothing. */
function encapOf(topology: Topology, hostId: string): AddressValue {
  return parseAddress(topology.get('host', hostId)?.encap_ip ?? '') ?? 0;
}
