/** A network on the wire (Networking API v2.0, "Networks"). */
import { Type } from 'typebox';
import { NullableString, Strings, standardAttributes } from '../../schema.ts';

export const NetworkSchema = Type.Partial(
  Type.Object({
    ...standardAttributes,
    admin_state_up: Type.Boolean(),
    status: Type.String(),
    shared: Type.Boolean(),
    mtu: Type.Integer(),
    subnets: Strings,
    port_security_enabled: Type.Boolean(),
    'router:external': Type.Boolean(),
    'provider:network_type': Type.String(),
    'provider:physical_network': NullableString,
    'provider:segmentation_id': Type.Integer(),
    availability_zone_hints: Strings,
    availability_zones: Strings,
    ipv4_address_scope: NullableString,
    ipv6_address_scope: NullableString,
  }),
);
