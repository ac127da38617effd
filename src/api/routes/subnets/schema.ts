/** A subnet on the wire (Networking API v2.0, "Subnets"). */
import { Type } from 'typebox';
import { NullableString, Strings, standardAttributes } from '../../schema.ts';

export const SubnetSchema = Type.Partial(
  Type.Object({
    ...standardAttributes,
    network_id: Type.String(),
    ip_version: Type.Integer(),
    cidr: Type.String(),
    gateway_ip: NullableString,
    allocation_pools: Type.Array(Type.Object({ start: Type.String(), end: Type.String() })),
    enable_dhcp: Type.Boolean(),
    dns_nameservers: Strings,
    host_routes: Type.Array(Type.Object({ destination: Type.String(), nexthop: Type.String() })),
    ipv6_address_mode: NullableString,
    ipv6_ra_mode: NullableString,
    service_types: Strings,
    subnetpool_id: NullableString,
  }),
);
