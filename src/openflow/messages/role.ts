/**
 * OFPT_ROLE_REQUEST, _REPLY and _STATUS: which controller may write (§7.3.8, §7.4.4). The
 * generation id fences: a switch refuses one that is older than the newest that it has seen.
 */
import { defineStruct, pad, u8, u32, u64 } from '../wire/index.ts';
import { defineCodes } from './codes.ts';
import { defineMessage, type MessageRow } from './define.ts';

const ROLE = defineCodes('ofp_controller_role', {
  OFPCR_ROLE_NOCHANGE: 0,
  OFPCR_ROLE_EQUAL: 1,
  OFPCR_ROLE_MASTER: 2,
  OFPCR_ROLE_SLAVE: 3,
});

const REASON = defineCodes('ofp_controller_role_reason', {
  OFPCRR_MASTER_REQUEST: 0,
  OFPCRR_CONFIG: 1,
  OFPCRR_EXPERIMENTER: 2,
});

export type Role = (typeof ROLE.names)[number];

/** Open vSwitch has no short ids (OpenFlow 1.5) and wants zeros there. */
const REQUEST = defineStruct('ofp_role_request', 16, {
  role: u32,
  padding: pad(4),
  generationId: u64,
});

const STATUS = defineStruct('ofp_role_status', 16, {
  role: u32,
  reason: u8,
  padding: pad(3),
  generationId: u64,
});

interface RoleMessage<T extends string> {
  readonly type: T;
  readonly role: Role;
  readonly generationId: bigint;
}

export type RoleRequest = RoleMessage<'OFPT_ROLE_REQUEST'>;
export type RoleReply = RoleMessage<'OFPT_ROLE_REPLY'>;

export interface RoleStatus extends RoleMessage<'OFPT_ROLE_STATUS'> {
  readonly reason: (typeof REASON.names)[number];
}

export const roleRequest: MessageRow<RoleRequest> = defineRole('OFPT_ROLE_REQUEST', 24);
export const roleReply: MessageRow<RoleReply> = defineRole('OFPT_ROLE_REPLY', 25);

/** Properties, all of them experimenters', are not kept. */
export const roleStatus = defineMessage<RoleStatus>({
  type: 'OFPT_ROLE_STATUS',
  code: 30,
  encode: (writer, { role, reason, generationId }) =>
    STATUS.write(writer, { role: ROLE.code(role), reason: REASON.code(reason), generationId }),
  decode: (reader) => {
    const { role, reason, generationId } = STATUS.read(reader);
    return {
      type: 'OFPT_ROLE_STATUS',
      role: ROLE.name(role, reader),
      reason: REASON.name(reason, reader),
      generationId,
    };
  },
});

function defineRole<T extends string>(type: T, code: number): MessageRow<RoleMessage<T>> {
  return defineMessage<RoleMessage<T>>({
    type,
    code,
    encode: (writer, { role, generationId }) =>
      REQUEST.write(writer, { role: ROLE.code(role), generationId }),
    decode: (reader) => {
      const { role, generationId } = REQUEST.read(reader);
      reader.done(type);
      return { type, role: ROLE.name(role, reader), generationId };
    },
  });
}
