/**
 * Bindings of ports to several hosts (Neutron's `binding-extended`): before Nova moves a server it
 * makes an inactive binding of each port to the new host, activates it when the server runs there,
 * and deletes the old one. They are part of the port's record, so that activating is one write.
 */
import {
  BINDINGS_MAX,
  badRequest,
  bindingsOf,
  intentError,
  PORT_BINDING_ATTRIBUTES,
  type Port,
  type PortBinding,
  readCreate,
  readUpdate,
  withBindings,
} from '../../topology/index.ts';
import { commitDraft, type NeutronContext, showUpToDate, type Written } from './context.ts';
import { authorize } from './policy.ts';
import type { Requester } from './requester.ts';
import type { View, Viewer } from './resource-type.ts';
import { checkVifName, vifDetails, vifTypeOf } from './vif.ts';
import { visible } from './visible.ts';

const COMPUTE = 'compute:';

/** Whose bindings, and who asks. */
export interface BindingsCall {
  readonly portId: string;
  readonly requester: Requester;
}

type Change = (bindings: readonly PortBinding[], port: Port) => readonly PortBinding[];

export class PortBindings {
  readonly #context: NeutronContext;

  constructor(context: NeutronContext) {
    this.#context = context;
  }

  list(call: BindingsCall): Promise<readonly View[]> {
    return showUpToDate(this.#context, () => bindingsOf(this.#read(call)).map(viewOf));
  }

  show(host: string, call: BindingsCall): Promise<View> {
    return showUpToDate(this.#context, () => viewOf(bindingTo(host, this.#read(call))));
  }

  create(body: unknown, call: BindingsCall): Promise<Written<View>> {
    const given = readCreate(PORT_BINDING_ATTRIBUTES, body);
    return this.#change('create', call, given.host, (bindings, { id }) => {
      if (bindings.some(({ host }) => host === given.host)) {
        throw intentError('PortBindingAlreadyExists', { port_id: id, host: given.host });
      }
      if (bindings.length >= BINDINGS_MAX) {
        throw badRequest(`a port has at most ${BINDINGS_MAX} bindings`);
      }
      const status = bindings[0]?.status === 'ACTIVE' ? 'INACTIVE' : 'ACTIVE';
      return [...bindings, { ...given, status }];
    });
  }

  update(host: string, body: unknown, call: BindingsCall): Promise<Written<View>> {
    const given = readUpdate(PORT_BINDING_ATTRIBUTES, body);
    return this.#change('update', call, host, (bindings) =>
      bindings.map((binding) => (binding.host === host ? { ...binding, ...given } : binding)),
    );
  }

  /** The VM runs there; the binding that was active is kept until it is deleted. */
  activate(host: string, call: BindingsCall): Promise<Written<View>> {
    return this.#change('activate', call, host, (bindings, port) => {
      if (bindingTo(host, port).status === 'ACTIVE') {
        throw intentError('PortBindingAlreadyActive', { port_id: port.id, host });
      }
      return bindings.map((binding) => ({
        ...binding,
        status: binding.host === host ? ('ACTIVE' as const) : ('INACTIVE' as const),
      }));
    });
  }

  delete(host: string, call: BindingsCall): Promise<Written<undefined>> {
    return commitDraft(this.#context, call.requester, (draft) => {
      const port = readPort('delete', call, draft);
      const gone = bindingTo(host, port);
      const kept = bindingsOf(port).filter((binding) => binding.host !== gone.host);
      draft.put('port', port.id, withBindings(port, kept, draft.at));
      return () => undefined;
    });
  }

  #read(call: BindingsCall): Port {
    const { topology, dnsDomain } = this.#context;
    return readPort('get', call, { topology, dnsDomain, requester: call.requester });
  }

  /** Gives the binding to `host` as it is afterwards. */
  #change(
    action: string,
    call: BindingsCall,
    host: string,
    change: Change,
  ): Promise<Written<View>> {
    return commitDraft(this.#context, call.requester, (draft) => {
      const before = readPort(action, call, draft);
      if (!before.device_owner.startsWith(COMPUTE)) throw badRequest('Invalid port');
      const after = withBindings(before, change(bindingsOf(before), before), draft.at);
      checkVifName(draft, after, before);
      const view = viewOf(bindingTo(host, after));
      draft.put('port', before.id, after);
      return () => view;
    });
  }
}

function readPort(action: string, { portId }: BindingsCall, viewer: Viewer): Port {
  const port = visible('port', portId, viewer);
  const { requester: who, topology } = viewer;
  authorize(`${action}_port_binding`, [], { who, target: port }, topology);
  return port;
}

function bindingTo(host: string, port: Port): PortBinding {
  const found = bindingsOf(port).find((binding) => binding.host === host);
  if (found === undefined) throw intentError('PortBindingNotFound', { port_id: port.id, host });
  return found;
}

function viewOf(binding: PortBinding): View {
  const type = vifTypeOf(binding.host, binding.vnic_type);
  return { ...binding, vif_type: type, vif_details: vifDetails(type) };
}
