/** What operators ask under `/v1`. */
import { Type } from 'typebox';
import { NullableString, Strings } from '../../schema.ts';

export const HostSchema = Type.Object({
  id: Type.String(),
  hostname: Type.String(),
  state: Type.String(),
  encap_ip: NullableString,
  encap_type: NullableString,
  ovs_version: NullableString,
  realized_revision: Type.Integer(),
  pending: Type.Integer(),
  lag_ms: Type.Number(),
  flow_mods_sent: Type.Integer(),
  group_mods_sent: Type.Integer(),
  meter_mods_sent: Type.Integer(),
  packet_ins: Type.Integer(),
  packet_ins_dropped: Type.Integer(),
  drift_repaired: Type.Integer(),
  last_audit: NullableString,
  errors: Strings,
});

export const RealizedSchema = Type.Object({
  revision: Type.Integer(),
  realized: Type.Boolean(),
  lagging: Type.Optional(Strings),
});

export const HealthSchema = Type.Object({
  status: Type.String(),
  store_reachable: Type.Boolean(),
  revision: Type.Integer(),
});
