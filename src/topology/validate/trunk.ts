/** Trunks: from a checked request to a record, and what forbids a change. */
import type { Intent } from '../intent.ts';
import { intentError, invalidInput } from '../intent-error.ts';
import type { Port } from '../port.ts';
import type { Subport, Trunk, TrunkCreate, TrunkUpdate } from '../trunk.ts';
import { type Birth, born, touched } from './birth.ts';
import { missingSegmentation, type SubportRequest } from './subports.ts';
import { show } from './values.ts';

/** What the device owner of a subport is (Neutron's). */
const SUBPORT_OWNER = 'trunk:subport';
/** IEEE 802.1Q: 0 and 4095 name no VLAN. */
const VLAN_ID_END = 4095;

/** Gives a port that the requester can see, or refuses. */
type FindPort = (id: string) => Port;

interface TrunkContext {
  readonly topology: Intent;
  readonly findPort: FindPort;
}

export function freshTrunk(given: TrunkCreate, birth: Birth, context: TrunkContext): Trunk {
  checkFree(context.topology, given.port_id);
  const parent = context.findPort(given.port_id);
  const trunk: Trunk = {
    name: given.name,
    description: given.description,
    admin_state_up: given.admin_state_up,
    port_id: parent.id,
    sub_ports: [],
    ...born(birth, given),
  };
  return { ...trunk, sub_ports: newSubports(trunk, given.sub_ports, context) };
}

export function updatedTrunk(trunk: Trunk, given: TrunkUpdate, at: string): Trunk {
  return { ...trunk, ...given, ...touched(trunk, at) };
}

/** The trunk with more subports. */
export function extendedTrunk(
  trunk: Trunk,
  requests: readonly SubportRequest[],
  at: string,
  context: TrunkContext,
): Trunk {
  const added = newSubports(trunk, requests, context);
  checkEnabled(trunk);
  const taken = new Set(trunk.sub_ports.map(({ segmentation_id }) => segmentation_id));
  const double = added.find(({ segmentation_id }) => taken.has(segmentation_id));
  if (double !== undefined) {
    const { segmentation_type, segmentation_id } = double;
    throw intentError('DuplicateSubPort', {
      segmentation_type,
      segmentation_id,
      trunk_id: trunk.id,
    });
  }
  return { ...trunk, sub_ports: [...trunk.sub_ports, ...added], ...touched(trunk, at) };
}

/** The trunk without some of its subports. */
export function reducedTrunk(trunk: Trunk, requests: readonly SubportRequest[], at: string): Trunk {
  const gone = new Set(requests.map(({ port_id }) => port_id));
  const present = new Set(trunk.sub_ports.map(({ port_id }) => port_id));
  for (const portId of gone) {
    if (present.has(portId)) continue;
    throw intentError('SubPortNotFound', { port_id: portId, trunk_id: trunk.id });
  }
  const left = trunk.sub_ports.filter(({ port_id }) => !gone.has(port_id));
  return { ...trunk, sub_ports: left, ...touched(trunk, at) };
}

/** A port's record when it became a subport, or when it is none any more. */
export function subportRecord(port: Port, isSubport: boolean, at: string): Port {
  return { ...port, device_owner: isSubport ? SUBPORT_OWNER : '', ...touched(port, at) };
}

export function checkEnabled({ id, admin_state_up }: Trunk): void {
  if (!admin_state_up) throw intentError('TrunkDisabled', { trunk_id: id });
}

/** The ports of a trunk stay as long as they are. */
export function checkPortOfTrunk(topology: Intent, portId: string): void {
  const [holder] = topology.members('trunksOfSubport', portId).keys();
  if (holder !== undefined) {
    throw intentError('PortInUseAsSubPort', { port_id: portId, trunk_id: holder });
  }
  const [trunk] = topology.members('trunksOfParent', portId).keys();
  if (trunk !== undefined) {
    throw intentError('PortInUseAsTrunkParent', { port_id: portId, trunk_id: trunk });
  }
}

function newSubports(
  trunk: Trunk,
  requests: readonly SubportRequest[],
  context: TrunkContext,
): Subport[] {
  const subports = requests.map((request) => newSubport(trunk, request, context));
  // Inherited segmentation is known only now.
  const ids = new Set<number>();
  for (const { port_id, segmentation_id } of subports) {
    if (ids.has(segmentation_id)) {
      throw invalidInput(`Segmentation ID '${segmentation_id}' for '${port_id}' is not unique`);
    }
    ids.add(segmentation_id);
  }
  return subports;
}

function newSubport(trunk: Trunk, request: SubportRequest, context: TrunkContext): Subport {
  const { topology, findPort } = context;
  const { port_id: portId } = request;
  if (portId === trunk.port_id) throw intentError('ParentPortInUse', { port_id: portId });
  checkMtu(topology, trunk.port_id, portId);
  const segmentation = segmentationOf(topology, request);
  checkFree(topology, portId);
  const port = findPort(portId);
  if (port.device_id !== '') {
    throw intentError('PortInUse', {
      port_id: portId,
      net_id: port.network_id,
      device_id: port.device_id,
    });
  }
  return { port_id: portId, ...segmentation };
}

function checkFree(topology: Intent, portId: string): void {
  if (topology.members('trunksOfSubport', portId).size > 0) {
    throw intentError('TrunkPortInUse', { port_id: portId });
  }
  if (topology.members('trunksOfParent', portId).size > 0) {
    throw intentError('ParentPortInUse', { port_id: portId });
  }
}

function checkMtu(topology: Intent, parentId: string, portId: string): void {
  const [trunkMtu, portMtu] = [mtuOf(topology, parentId), mtuOf(topology, portId)];
  if (trunkMtu === undefined || portMtu === undefined || portMtu <= trunkMtu) return;
  throw intentError('SubPortMtuGreaterThanTrunkPortMtu', {
    port_id: portId,
    port_mtu: portMtu,
    trunk_id: parentId,
    trunk_mtu: trunkMtu,
  });
}

function mtuOf(topology: Intent, portId: string): number | undefined {
  return networkOf(topology, portId)?.mtu;
}

function networkOf(topology: Intent, portId: string) {
  const port = topology.get('port', portId);
  return port && topology.get('network', port.network_id);
}

function segmentationOf(topology: Intent, request: SubportRequest): Omit<Subport, 'port_id'> {
  const { type, id } = namedSegmentation(topology, request);
  if (type === undefined || id === undefined || id === null) {
    throw invalidInput(missingSegmentation(request));
  }
  const number = typeof id === 'string' && /^\d{1,9}$/.test(id) ? Number(id) : id;
  if (!Number.isInteger(number)) {
    const what = `segmentation_id '${show(id)}' is not an integer`;
    throw invalidInput(`Invalid subport details: ${what}`);
  }
  if (type !== 'vlan') throw invalidInput(`Unknown segmentation_type '${show(type)}'`);
  if (Number(number) < 1 || Number(number) >= VLAN_ID_END) {
    throw invalidInput(`Segmentation ID '${show(id)}' is not in range`);
  }
  return { segmentation_type: type, segmentation_id: Number(number) };
}

function namedSegmentation(topology: Intent, request: SubportRequest) {
  if (request.segmentation_type !== 'inherit') {
    return { type: request.segmentation_type, id: request.segmentation_id };
  }
  const network = networkOf(topology, request.port_id);
  return {
    type: network?.['provider:network_type'] ?? 'inherit',
    id: network?.['provider:segmentation_id'] ?? 0,
  };
}
