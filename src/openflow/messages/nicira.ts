/** Nicira's experimenter messages (nicira-ext.h). */
import { EXPERIMENTER } from '../constants.ts';
import { defineStruct, pad, u16, u32 } from '../wire/index.ts';
import { defineFixed, type Fixed } from './define.ts';

/** Forms in which Open vSwitch sends packet-ins. */
export const NXPIF = { STANDARD: 0, NXT_PACKET_IN: 1, NXT_PACKET_IN2: 2 } as const;

const FORMAT = defineStruct('nx_set_packet_in_format', 4, { format: u32 });
const ZONE_ID = defineStruct('nx_zone_id', 8, { padding: pad(6), zone: u16 });
const CONTROLLER_ID = defineStruct('nx_controller_id', 8, { padding: pad(6), controllerId: u16 });

export type SetPacketInFormat = { readonly type: 'NXT_SET_PACKET_IN_FORMAT' } & Fixed<
  typeof FORMAT
>;
export type SetControllerId = { readonly type: 'NXT_SET_CONTROLLER_ID' } & Fixed<
  typeof CONTROLLER_ID
>;
export type CtFlushZone = { readonly type: 'NXT_CT_FLUSH_ZONE' } & Fixed<typeof ZONE_ID>;

export const setPacketInFormat = {
  ...defineFixed('NXT_SET_PACKET_IN_FORMAT', 16, FORMAT),
  experimenter: EXPERIMENTER.NICIRA,
};

/** Which `controller(id=…)` actions reach this connection. */
export const setControllerId = {
  ...defineFixed('NXT_SET_CONTROLLER_ID', 20, CONTROLLER_ID),
  experimenter: EXPERIMENTER.NICIRA,
};

/** Forgets the connections that are tracked in a zone. */
export const ctFlushZone = {
  ...defineFixed('NXT_CT_FLUSH_ZONE', 29, ZONE_ID),
  experimenter: EXPERIMENTER.NICIRA,
};
