/** OFPT_PORT_STATUS: a port came, went or changed (§7.4.3). */
import { defineCodes } from './codes.ts';
import { defineMessage } from './define.ts';
import { decodePort, encodePort, type Port } from './port.ts';

const REASON = defineCodes('ofp_port_reason', { OFPPR_ADD: 0, OFPPR_DELETE: 1, OFPPR_MODIFY: 2 });

export interface PortStatus {
  readonly type: 'OFPT_PORT_STATUS';
  readonly reason: (typeof REASON.names)[number];
  readonly port: Port;
}

const PADDING = 7;

export const portStatus = defineMessage<PortStatus>({
  type: 'OFPT_PORT_STATUS',
  code: 12,
  encode: (writer, { reason, port }) => {
    writer.u8(REASON.code(reason));
    writer.zero(PADDING);
    encodePort(writer, port);
  },
  decode: (reader) => {
    const reason = REASON.name(reader.u8(), reader);
    reader.skip(PADDING);
    const port = decodePort(reader);
    reader.done('OFPT_PORT_STATUS');
    return { type: 'OFPT_PORT_STATUS', reason, port };
  },
});
