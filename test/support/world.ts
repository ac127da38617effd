/**
 * Random topologies, as lists of states: a state is every record there is. What lies between two
 * states is a change, so that the same list can be walked in any order.
 *
 * Tenants use the same few MAC and IP addresses on purpose.
 */

import { binding, host, network, port, status } from '../../lab/records.ts';
import {
  type AnyRecord,
  type Binding,
  type Change,
  type Host,
  type Move,
  type Network,
  type Plug,
  type Port,
  type RecordKey,
} from '../../src/topology/index.ts';
import { type Draft, type Edit, list } from './world-draft.ts';
import { addIsolation, ISOLATION_EDITS } from './world-isolation.ts';
import { addLearned, LEARNED_EDITS, LEARNING_EDITS } from './world-learned.ts';
import { MULTICAST_EDITS } from './world-multicast.ts';
import { NAME_EDITS } from './world-names.ts';
import { addQos, QOS_EDITS } from './world-qos.ts';
import { SeededRandom } from './world-random.ts';
import { addSecurity, randomGroups, SECURITY_EDITS } from './world-security.ts';
import { addSubnets, SUBNET_EDITS } from './world-subnets.ts';
import { freeWire, plugsOfOthers, TRUNK_EDITS } from './world-trunks.ts';

export type State = ReadonlyMap<RecordKey, AnyRecord>;

const HOSTS = 5;
const NETWORKS = 4;
const PORTS = 14;
const ADDRESSES = 24;

/** A walk of `steps` random edits, through a state that has something to edit; all are valid. */
export function randomStates(random: SeededRandom, steps: number): State[] {
  let state = randomState(random);
  const states: State[] = [state];
  for (let step = 0; step < steps; step++) {
    state = randomEdit(random, state);
    if (step % NAMED_EVERY === 0) state = renamed(step, state);
    if (step % LISTENED_EVERY === 1) state = relistened(step, state);
    if (step % RELEARNED_EVERY === 2) state = relearned(step, state);
    states.push(state);
  }
  return states;
}

/** A few ports have names; what else is drawn does not depend on that. */
const NAMED_EVERY = 8;

/** So are what they listen to. */
const LISTENED_EVERY = 4;

/** So is what is behind ports. */
const RELEARNED_EVERY = 3;

function relearned(step: number, state: State): State {
  const random = new SeededRandom(step);
  return edited(random, state, random.pick(LEARNING_EDITS));
}

function relistened(step: number, state: State): State {
  const random = new SeededRandom(step);
  return edited(random, state, random.pick(MULTICAST_EDITS));
}

function renamed(step: number, state: State): State {
  const random = new SeededRandom(step);
  return edited(random, state, random.pick(NAME_EDITS));
}

/** One state with most of what may exist. */
function randomState(random: SeededRandom): State {
  let state: State = new Map();
  for (let i = 0; i < 12; i++) state = edited(random, state, addHost);
  for (let i = 0; i < 5; i++) state = edited(random, state, addNetwork);
  for (let i = 0; i < 30; i++) state = edited(random, state, addPort);
  for (let i = 0; i < 40; i++) state = edited(random, state, bindPort);
  for (let i = 0; i < 5; i++) state = edited(random, state, random.pick(TRUNK_EDITS));
  for (let i = 0; i < 5; i++) state = edited(random, state, startMove);
  state = edited(random, edited(random, state, addSecurity), addSubnets);
  for (const add of [addQos, addLearned, addIsolation]) state = edited(random, state, add);
  const listening = new SeededRandom(state.size);
  for (let i = 0; i < 8; i++) state = edited(listening, state, listening.pick(MULTICAST_EDITS));
  const learning = new SeededRandom(state.size + 1);
  for (let i = 0; i < 8; i++) state = edited(learning, state, learning.pick(LEARNING_EDITS));
  return state;
}

export function changeBetween(before: State, after: State, revision: number): Change {
  const puts = [...after]
    .filter(([key, value]) => before.get(key) !== value)
    .map(([key, value]) => ({ key, value }));
  const deletes = [...before.keys()].filter((key) => !after.has(key));
  return { revision, at: '2026-01-01T00:00:00Z', puts, deletes };
}

/** The next state, in which nothing else has changed than what ports may send and get. */
export function changedPolicy(random: SeededRandom, state: State): State {
  return edited(random, state, random.pick(SECURITY_EDITS));
}

function randomEdit(random: SeededRandom, state: State): State {
  const edits = random.chance(0.4) ? SECURITY_EDITS : random.chance(0.2) ? QOS_EDITS : EDITS;
  return edited(random, state, random.pick(edits));
}

function edited(random: SeededRandom, state: State, edit: Edit): State {
  const draft: Draft = new Map(state);
  edit(random, draft);
  return draft;
}

const addHost: Edit = (random, draft) => {
  const number = 1 + random.integer(HOSTS);
  const id = `host-${number}`;
  if (draft.has(`host/${id}`)) return;
  const encap = number === HOSTS ? 'fd99::5' : `198.18.0.${number}`;
  draft.set(`host/${id}`, host(id, encap, hostTraits(random)));
};

function hostTraits(random: SeededRandom): Partial<Host> {
  return { nd_extensions: random.chance(0.7), egress_queues: random.chance(0.5) };
}

const addNetwork: Edit = (random, draft) => {
  const number = 1 + random.integer(NETWORKS);
  const id = `net-${number}`;
  if (!draft.has(`network/${id}`)) draft.set(`network/${id}`, network(id, 100 + number));
};

const addPort: Edit = (random, draft) => {
  const networks = list<Network>(draft, 'network');
  const id = `port-${1 + random.integer(PORTS)}`;
  if (networks.length === 0 || draft.has(`port/${id}`)) return;
  const networkId = random.pick(networks).id;
  const number = freeNumber(random, draft, networkId);
  if (number === undefined) return;
  const ips = random.pick([[4], [6], [4, 6], [4, 6], []]).map((version) => ip(version, number));
  const created = port(id, { network: networkId, mac: mac(number), ips });
  draft.set(`port/${id}`, {
    ...created,
    port_security_enabled: random.chance(0.85),
    security_groups: randomGroups(random),
    'binding:host_id': random.chance(0.5) ? '' : `host-${1 + random.integer(HOSTS)}`,
  });
};

const bindPort: Edit = (random, draft) => {
  const ports = list<Port>(draft, 'port');
  if (ports.length === 0) return;
  const { id } = random.pick(ports);
  const place = freePlace(random, draft, id);
  if (place !== undefined) draft.set(`binding/${id}`, binding(id, place.host_id, place.ofport));
};

/** A port is plugged in at a second place, or is known to have left one. */
const startMove: Edit = (random, draft) => {
  const bindings = list<Binding>(draft, 'binding');
  if (bindings.length === 0) return;
  const old = random.pick(bindings);
  const find = old.wire === undefined ? freePlace : freeWire;
  const place = find(random, draft, old.port_id);
  if (place === undefined || place.host_id === old.host_id) return;
  const state = random.chance(0.8) ? 'arriving' : 'left';
  draft.set(`binding/${old.port_id}`, { ...old, move: { ...place, state } });
};

const endMove: Edit = (random, draft) => {
  const moving = list<Binding>(draft, 'binding').filter(({ move }) => move !== undefined);
  if (moving.length === 0) return;
  const { move, ...runs } = random.pick(moving);
  const { port_id: id, ...left } = runs;
  const { state: _, ...place } = move as Move;
  const arrived: Binding = { port_id: id, ...place };
  const moved: Binding = { ...arrived, move: { ...left, state: 'left' } };
  draft.set(`binding/${id}`, random.pick([runs, arrived, moved]));
};

function freePlace(random: SeededRandom, draft: Draft, portId: string): Plug | undefined {
  const host_id = `host-${1 + random.integer(HOSTS)}`;
  const ofport = 1 + random.integer(40);
  if (plugsOfOthers(draft, portId, host_id).some((other) => other.ofport === ofport)) {
    return undefined;
  }
  return { host_id, ofport, interface_name: `tap-${portId}` };
}

const unbindPort: Edit = (random, draft) => {
  const bindings = list<Binding>(draft, 'binding');
  if (bindings.length > 0) draft.delete(`binding/${random.pick(bindings).port_id}`);
};

const deletePort: Edit = (random, draft) => {
  const ports = list<Port>(draft, 'port');
  if (ports.length === 0) return;
  const { id } = random.pick(ports);
  draft.delete(`port/${id}`);
  if (random.chance(0.7)) draft.delete(`binding/${id}`);
};

const deleteNetwork: Edit = (random, draft) => {
  const networks = list<Network>(draft, 'network');
  if (networks.length === 0 || random.chance(0.5)) return;
  const { id } = random.pick(networks);
  draft.delete(`network/${id}`);
  if (random.chance(0.5)) return;
  for (const { id: portId, network_id } of list<Port>(draft, 'port')) {
    if (network_id === id) draft.delete(`port/${portId}`);
  }
};

const deleteHost: Edit = (random, draft) => {
  const hosts = list<Host>(draft, 'host');
  if (hosts.length > 0 && random.chance(0.5)) draft.delete(`host/${random.pick(hosts).id}`);
};

const editNetwork: Edit = (random, draft) => {
  const networks = list<Network>(draft, 'network');
  if (networks.length === 0) return;
  const old = random.pick(networks);
  const edits: readonly Partial<Network>[] = [
    { admin_state_up: !old.admin_state_up },
    { name: `${old.name}+` },
    { mtu: old.mtu === 1400 ? 1442 : 1400 },
    { vni: 100 + Number(old.id.slice(4)) + 10 * random.integer(3) },
  ];
  draft.set(`network/${old.id}`, { ...old, ...random.pick(edits) });
};

const editPort: Edit = (random, draft) => {
  const ports = list<Port>(draft, 'port');
  if (ports.length === 0) return;
  const old = random.pick(ports);
  const number = freeNumber(random, draft, old.network_id);
  const edits: Partial<Port>[] = [
    { admin_state_up: !old.admin_state_up },
    { name: `${old.name}+` },
    { port_security_enabled: !old.port_security_enabled },
    { allowed_address_pairs: randomPairs(random, old) },
    { 'binding:host_id': old['binding:host_id'] === '' ? 'host-1' : '' },
  ];
  if (number !== undefined) {
    const ips = [4, 6].map((version) => ip(version, number));
    const moved = port('', { network: old.network_id, mac: mac(number), ips });
    edits.push({ mac_address: moved.mac_address }, { fixed_ips: moved.fixed_ips });
  }
  draft.set(`port/${old.id}`, { ...old, ...random.pick(edits) });
};

const editHost: Edit = (random, draft) => {
  const hosts = list<Host>(draft, 'host');
  if (hosts.length === 0) return;
  const old = random.pick(hosts);
  const edits: readonly Partial<Host>[] = [
    { nd_extensions: !old.nd_extensions },
    { egress_queues: !old.egress_queues },
    { hostname: `${old.hostname}+` },
    { encap_ip: old.encap_ip.includes(':') ? 'fd99::6' : `198.18.1.${old.id.slice(5)}` },
  ];
  draft.set(`host/${old.id}`, { ...old, ...random.pick(edits) });
};

const putStatus: Edit = (random, draft) => {
  const bindings = list<Binding>(draft, 'binding');
  if (bindings.length === 0) return;
  const { port_id, host_id } = random.pick(bindings);
  draft.set(`status/${port_id}`, status(port_id, host_id, random.chance(0.5)));
};

const EDITS: readonly Edit[] = [
  ...LEARNED_EDITS,
  ...ISOLATION_EDITS,
  ...SUBNET_EDITS,
  ...TRUNK_EDITS,
  addHost,
  addHost,
  addNetwork,
  addNetwork,
  addPort,
  addPort,
  addPort,
  bindPort,
  bindPort,
  bindPort,
  bindPort,
  startMove,
  startMove,
  endMove,
  unbindPort,
  deletePort,
  deleteNetwork,
  deleteHost,
  editNetwork,
  editPort,
  editPort,
  editPort,
  editPort,
  editHost,
  editHost,
  putStatus,
];

function randomPairs(random: SeededRandom, old: Port): Port['allowed_address_pairs'] {
  const shared = mac(90 + random.integer(2));
  return random.pick([
    [],
    [{ ip_address: '10.0.0.200', mac_address: old.mac_address }],
    [
      { ip_address: '10.0.1.0/24', mac_address: shared },
      { ip_address: 'fd00:1::/64', mac_address: shared },
    ],
    [
      { ip_address: '0.0.0.0/0', mac_address: old.mac_address },
      { ip_address: '::/0', mac_address: old.mac_address },
    ],
  ]);
}

/** A number that gives a port of this network an address of its own. */
function freeNumber(random: SeededRandom, draft: Draft, networkId: string): number | undefined {
  const used = list<Port>(draft, 'port')
    .filter((other) => other.network_id === networkId)
    .flatMap((other) => [other.mac_address, ...other.fixed_ips.map((fixed) => fixed.ip_address)]);
  const number = 1 + random.integer(ADDRESSES);
  const own = [mac(number), ip(4, number), ip(6, number)];
  return own.some((address) => used.includes(address)) ? undefined : number;
}

function mac(number: number): string {
  return `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;
}

function ip(version: number, number: number): string {
  return version === 4 ? `10.0.0.${number}` : `fd00::${number.toString(16)}`;
}
