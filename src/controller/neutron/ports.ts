/**
 * Use cases of ports. A port owns its MAC address and its addresses by claims, and holds its
 * network and subnets by references: the commit decides both, whatever other requests do.
 */
import {
  addressClaim,
  freshPort,
  intentError,
  isAutoAddressed,
  macClaim,
  type Port,
  type PortCreate,
  type PortUpdate,
  readPortCreate,
  readPortUpdate,
  updatedPort,
} from '../../topology/index.ts';
import { Catalog, type View } from './catalog.ts';
import { commitDraft, type NeutronContext, now, type Requester, type Written } from './context.ts';
import type { Draft } from './draft.ts';
import { networkNotFound } from './errors.ts';
import type { Filters } from './filters.ts';
import { PORT_VIEW } from './views.ts';

export class Ports {
  readonly #context: NeutronContext;
  readonly #catalog: Catalog<'port'>;

  constructor(context: NeutronContext) {
    this.#context = context;
    this.#catalog = new Catalog(context.topology, PORT_VIEW);
  }

  show(id: string): View {
    return this.#catalog.show(id);
  }

  find(id: string): View | undefined {
    return this.#catalog.find(id);
  }

  list(filters: Filters): readonly View[] {
    return this.#catalog.list(filters);
  }

  async create(
    bodies: readonly unknown[],
    requester: Requester,
  ): Promise<Written<readonly View[]>> {
    const requests = bodies.map(readPortCreate);
    return commitDraft(this.#context, (draft) => {
      const ports = requests.map((request) => this.#add(draft, request, requester));
      return () => ports.map((port) => this.#catalog.view(port));
    });
  }

  async update(id: string, body: unknown): Promise<Written<View>> {
    const request = readPortUpdate(body);
    return commitDraft(this.#context, (draft) => {
      const before = this.#catalog.read(id);
      const port = updatedPort(before, request, now(this.#context), this.#context);
      this.#checkMacChange(before, port);
      draft.expect('port', id);
      draft.putPort(port, before, this.#named(port, request));
      return () => this.#catalog.view(port);
    });
  }

  async delete(id: string): Promise<Written<undefined>> {
    return commitDraft(this.#context, (draft) => {
      draft.deletePort(this.#catalog.read(id));
      return () => undefined;
    });
  }

  #add(draft: Draft, request: PortCreate, { projectId }: Requester): Port {
    const { topology, random } = this.#context;
    const network = topology.get('network', request.network_id);
    if (network === undefined) throw networkNotFound(request.network_id);
    const birth = { id: random.uuid(), projectId, at: now(this.#context) };
    const port = freshPort(request, birth, network, this.#context);
    // The network's revision stands for its set of subnets, from which the addresses were chosen.
    draft.expect('network', network.id);
    draft.putPort(port, undefined, this.#named(port, request));
    return port;
  }

  /** Claims that the request leaves us no choice about. */
  #named(port: Port, request: PortCreate | PortUpdate): ReadonlySet<string> {
    const { topology } = this.#context;
    const claims = new Set<string>();
    const givenMac = request.mac_address !== undefined;
    if (givenMac) claims.add(macClaim(port.network_id, port.mac_address));
    for (const { subnet_id, ip_address } of port.fixed_ips) {
      const asked = request.fixed_ips?.some((wish) => wish.ip_address === ip_address) ?? false;
      const subnet = topology.get('subnet', subnet_id);
      const follows = givenMac && subnet !== undefined && isAutoAddressed(subnet);
      if (asked || follows) claims.add(addressClaim(subnet_id, ip_address));
    }
    return claims;
  }

  /** The VM behind a plugged port would go on sending from its old MAC address. */
  #checkMacChange(before: Port, after: Port): void {
    if (before.mac_address === after.mac_address) return;
    if (this.#context.topology.get('binding', before.id) === undefined) return;
    throw intentError('PortBound', {
      port_id: before.id,
      vif_type: 'ovs',
      old_mac: before.mac_address,
      new_mac: after.mac_address,
    });
  }
}
