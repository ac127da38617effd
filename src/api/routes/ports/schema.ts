/** A port on the wire (Networking API v2.0, "Ports"). */
import { Type } from 'typebox';
import { FreeObject, Strings, standardAttributes } from '../../schema.ts';

export const PortSchema = Type.Partial(
  Type.Object({
    ...standardAttributes,
    network_id: Type.String(),
    mac_address: Type.String(),
    fixed_ips: Type.Array(Type.Object({ subnet_id: Type.String(), ip_address: Type.String() })),
    admin_state_up: Type.Boolean(),
    status: Type.String(),
    device_id: Type.String(),
    device_owner: Type.String(),
    port_security_enabled: Type.Boolean(),
    security_groups: Strings,
    allowed_address_pairs: Type.Array(
      Type.Object({ mac_address: Type.String(), ip_address: Type.String() }),
    ),
    extra_dhcp_opts: Type.Array(FreeObject),
    'binding:host_id': Type.String(),
    'binding:vnic_type': Type.String(),
    'binding:profile': FreeObject,
    'binding:vif_type': Type.String(),
    'binding:vif_details': FreeObject,
  }),
);
