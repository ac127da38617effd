/** A port's bindings to hosts, as cloud managers ask for them (Neutron's `binding-extended`). */

import { bindingProfile, type InactiveBinding, type Port, vnicType } from './port.ts';
import { changeable, derived, required, STRING } from './validate/attributes.ts';
import { touched } from './validate/birth.ts';
import { FREE_OBJECT, text } from './validate/values.ts';
import { keepVifName } from './vif-name.ts';

export interface PortBinding extends InactiveBinding {
  readonly status: 'ACTIVE' | 'INACTIVE';
}

/** More are of no use: a VM moves to one host at a time. */
export const BINDINGS_MAX = 8;

export const PORT_BINDING_ATTRIBUTES = {
  host: required(text(255)),
  vnic_type: changeable(vnicType, { initial: 'normal' }),
  profile: changeable(bindingProfile, { initial: {} }),
  status: derived(STRING),
  vif_type: derived(STRING),
  vif_details: derived(FREE_OBJECT),
} as const;

/** The active one first, if there is one. */
export function bindingsOf(port: Port): readonly PortBinding[] {
  const host = port['binding:host_id'];
  const active = { host, vnic_type: port['binding:vnic_type'], profile: port['binding:profile'] };
  return [
    ...(host === '' ? [] : [{ ...active, status: 'ACTIVE' as const }]),
    ...inactiveOf(port).map((binding) => ({ ...binding, status: 'INACTIVE' as const })),
  ];
}

export function inactiveOf(port: Port): readonly InactiveBinding[] {
  return port.inactive_bindings ?? NO_BINDINGS;
}

/** The port with these bindings, of which one at most is active. */
export function withBindings(port: Port, bindings: readonly PortBinding[], at: string): Port {
  const active = bindings.find(({ status }) => status === 'ACTIVE');
  return {
    ...port,
    'binding:host_id': active?.host ?? '',
    'binding:vnic_type': active?.vnic_type ?? port['binding:vnic_type'],
    'binding:profile': keepVifName(active?.profile ?? {}, port),
    inactive_bindings: bindings
      .filter((binding) => binding !== active)
      .map(({ host, vnic_type, profile }) => ({ host, vnic_type, profile })),
    ...touched(port, at),
  };
}

const NO_BINDINGS: readonly InactiveBinding[] = [];
