/**
 * What Nova waits for: a server's port was plugged, unplugged or deleted. The controller that owns
 * the port's host tells it, and no other: all see every change, one of them owns the host.
 *
 * A port is plugged when it turns ACTIVE, on whichever host, and unplugged when it is so no more.
 * One that goes as a whole was deleted, and nothing else.
 */
import { type Change, type Port, splitKey, type Topology } from '../topology/index.ts';

/** A row of Nova's `os-server-external-events`. */
export interface ServerEvent {
  readonly name: 'network-vif-plugged' | 'network-vif-unplugged' | 'network-vif-deleted';
  readonly server_uuid: string;
  /** The port. */
  readonly tag: string;
  readonly status?: 'completed';
}

export interface ServerEventsOptions {
  readonly topology: Topology;
  /** The hosts that are ours. */
  readonly owned: () => Iterable<string>;
  readonly owns: (hostId: string) => boolean;
  readonly tell: (event: ServerEvent) => void;
}

/** A server's port as it was before a change. */
interface Before {
  readonly port: Port;
  readonly activeOn: string | undefined;
  readonly host: string | undefined;
}

const COMPUTE = 'compute:';
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export class ServerEvents {
  readonly #options: ServerEventsOptions;

  constructor(options: ServerEventsOptions) {
    this.#options = options;
  }

  /** Looks at a change that is about to be applied; call the result when it has been. */
  observe({ puts, deletes }: Change): () => void {
    const before = new Map<string, Before>();
    for (const key of [...puts.map((put) => put.key), ...deletes]) {
      const { kind, id } = splitKey(key);
      if (kind !== 'status' && kind !== 'port') continue;
      const port = this.#options.topology.get('port', id);
      if (port !== undefined) {
        before.set(id, { port, activeOn: this.#activeOn(id), host: this.#hostOf(port) });
      }
    }
    return () => {
      for (const was of before.values()) this.#compare(was);
    };
  }

  #compare({ port: was, activeOn, host }: Before): void {
    const { topology } = this.#options;
    const port = topology.get('port', was.id);
    if (port === undefined) {
      this.#tell('network-vif-deleted', was, host);
      return;
    }
    const nowOn = this.#activeOn(was.id);
    if (nowOn === activeOn) return;
    if (nowOn === undefined) this.#tell('network-vif-unplugged', port, activeOn);
    else this.#tell('network-vif-plugged', port, nowOn);
  }

  #tell(name: ServerEvent['name'], port: Port, hostId: string | undefined): void {
    const { owns, tell } = this.#options;
    if (hostId === undefined || !owns(hostId) || !isServers(port)) return;
    const event = { name, server_uuid: port.device_id, tag: port.id };
    tell(name === 'network-vif-deleted' ? event : { ...event, status: 'completed' });
  }

  #activeOn(portId: string): string | undefined {
    const status = this.#options.topology.get('status', portId);
    return status?.active === true ? status.host_id : undefined;
  }

  /** Where the port is plugged; while it is not (the server is stopped), where Nova wants it. */
  #hostOf(port: Port): string | undefined {
    const { topology, owned, owns } = this.#options;
    const plugged = topology.get('binding', port.id)?.host_id;
    const wanted = port['binding:host_id'];
    if (plugged !== undefined || wanted === '') return plugged;
    if (owns(wanted)) return wanted;
    return [...owned()].find((hostId) => topology.get('host', hostId)?.hostname === wanted);
  }
}

/** Nova knows its servers by UUID; ports of anything else are none of its. */
function isServers({ device_id, device_owner }: Port): boolean {
  return device_owner.startsWith(COMPUTE) && UUID.test(device_id);
}
