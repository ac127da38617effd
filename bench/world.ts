/** A region of a chosen size as records: hosts that share one network with many ports. */
import {
  type AnyRecord,
  type Change,
  type Kind,
  type RecordByKind,
  recordKey,
  type StoredRecord,
  Topology,
} from '../src/topology/index.ts';

const AT = '2026-01-01T00:00:00Z';
const PROJECT = '11111111-1111-4111-8111-111111111111';
const NETWORK = 'bench-net';
const SUBNET = 'bench-subnet';
const VNI = 5000;

export interface WorldOptions {
  readonly hosts: number;
  readonly ports: number;
  /** How many of the ports are on the first host; the others are spread over the rest. */
  readonly onFirst: number;
}

/** A port that comes, plugged into the first host: the next change of a topology made here. */
export function portComes(topology: Topology, index: number): Change {
  const [portKey, bindingKey] = [
    recordKey('port', `port-${index}`),
    recordKey('binding', `port-${index}`),
  ];
  return {
    revision: topology.revision + 1,
    at: AT,
    puts: [
      { key: portKey, value: port(index) },
      { key: bindingKey, value: binding(index, 0) },
    ],
    deletes: [],
  };
}

/** The topology; hosts are `host-0` …, ports `port-0` …, all in one /16 and one /64. */
export function makeWorld({ hosts, ports, onFirst }: WorldOptions): Topology {
  const records: StoredRecord[] = [];
  const add = <K extends Kind>(kind: K, id: string, value: RecordByKind[K]): void => {
    records.push({ key: recordKey(kind, id), value: value as AnyRecord, revision: 1 });
  };
  add('network', NETWORK, network());
  for (let index = 0; index < hosts; index++) add('host', `host-${index}`, host(index));
  for (let index = 0; index < ports; index++) {
    const owner = index < onFirst || hosts < 2 ? 0 : 1 + (index % (hosts - 1));
    add('port', `port-${index}`, port(index));
    add('binding', `port-${index}`, binding(index, owner));
  }
  const topology = new Topology();
  topology.load(1, records);
  return topology;
}

function network(): RecordByKind['network'] {
  return {
    id: NETWORK,
    project_id: PROJECT,
    name: 'bench',
    description: '',
    admin_state_up: true,
    shared: false,
    mtu: 1442,
    port_security_enabled: true,
    'router:external': false,
    'provider:network_type': 'geneve',
    'provider:segmentation_id': VNI,
    revision_number: 1,
    created_at: AT,
    updated_at: AT,
  };
}

function host(index: number): RecordByKind['host'] {
  return {
    id: `host-${index}`,
    hostname: `host-${index}`,
    encap_ip: `198.18.${index >> 8}.${(index & 0xff) + 1}`,
    encap_type: 'geneve',
    ovs_version: '3.1.0',
    nd_extensions: true,
    enrolled_at: AT,
  };
}

function port(index: number): RecordByKind['port'] {
  const hex = (index + 2).toString(16).padStart(4, '0');
  return {
    id: `port-${index}`,
    network_id: NETWORK,
    project_id: PROJECT,
    name: `port ${index}`,
    description: '',
    mac_address: `fa:16:3e:00:${hex.slice(0, 2)}:${hex.slice(2)}`,
    fixed_ips: [
      { subnet_id: SUBNET, ip_address: `10.0.${(index + 2) >> 8}.${(index + 2) & 0xff}` },
      { subnet_id: SUBNET, ip_address: `fd00::${hex.replace(/^0+/, '')}` },
    ],
    admin_state_up: true,
    device_id: '',
    device_owner: 'compute:nova',
    port_security_enabled: true,
    security_groups: [],
    allowed_address_pairs: [],
    'binding:host_id': '',
    'binding:vnic_type': 'normal',
    'binding:profile': {},
    revision_number: 1,
    created_at: AT,
    updated_at: AT,
  };
}

function binding(index: number, owner: number): RecordByKind['binding'] {
  return {
    port_id: `port-${index}`,
    host_id: `host-${owner}`,
    ofport: 100 + index,
    interface_name: `tap${index}`,
  };
}
