/** A region of a chosen size as records: hosts that share one network with many ports. */
import {
  binding as bindingRecord,
  host as hostRecord,
  network as networkRecord,
  port as portRecord,
} from '../lab/records.ts';
import { type Row, topologyOf } from '../lab/topology.ts';
import {
  type Change,
  type Kind,
  type RecordByKind,
  recordKey,
  type Topology,
} from '../src/topology/index.ts';

const AT = '2026-01-01T00:00:00Z';
const NETWORK = 'bench-net';
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
  const rows: Row[] = [];
  const add = <K extends Kind>(kind: K, id: string, value: RecordByKind[K]): void => {
    rows.push([recordKey(kind, id), value]);
  };
  add('network', NETWORK, networkRecord(NETWORK, VNI));
  for (let index = 0; index < hosts; index++) add('host', `host-${index}`, host(index));
  for (let index = 0; index < ports; index++) {
    const owner = index < onFirst || hosts < 2 ? 0 : 1 + (index % (hosts - 1));
    add('port', `port-${index}`, port(index));
    add('binding', `port-${index}`, binding(index, owner));
  }
  return topologyOf(rows);
}

function host(index: number): RecordByKind['host'] {
  return hostRecord(`host-${index}`, `198.18.${index >> 8}.${(index & 0xff) + 1}`);
}

function port(index: number): RecordByKind['port'] {
  const hex = (index + 2).toString(16).padStart(4, '0');
  return portRecord(`port-${index}`, {
    network: NETWORK,
    mac: `fa:16:3e:00:${hex.slice(0, 2)}:${hex.slice(2)}`,
    ips: [`10.0.${(index + 2) >> 8}.${(index + 2) & 0xff}`, `fd00::${hex.replace(/^0+/, '')}`],
  });
}

function binding(index: number, owner: number): RecordByKind['binding'] {
  return bindingRecord(`port-${index}`, `host-${owner}`, 100 + index);
}
