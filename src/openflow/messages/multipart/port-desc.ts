/** OFPMP_PORT_DESC: the ports of the switch; OpenFlow 1.5 can ask for one (§7.3.5.7). */
import { defineStruct, pad, u32 } from '../../wire/index.ts';
import type { Fixed } from '../define.ts';
import { decodePort, encodePort, type Port } from '../port.ts';
import { defineMultipart, readEntries } from './define.ts';

const TYPE = 'OFPMP_PORT_DESC';

const REQUEST = defineStruct('ofp_port_desc_request', 8, { portNumber: u32, padding: pad(4) });

/** `portNumber`: `OFPP.ANY` for all. */
export type PortDescRequest = { readonly type: typeof TYPE } & Fixed<typeof REQUEST>;

export interface PortDescReply {
  readonly type: typeof TYPE;
  readonly ports: readonly Port[];
}

export const portDesc = defineMultipart<PortDescRequest, PortDescReply>({
  type: TYPE,
  code: 13,
  request: {
    encode: (writer, request) => REQUEST.write(writer, request),
    decode: (reader) => ({ type: TYPE, ...REQUEST.read(reader) }),
  },
  reply: {
    encode: (writer, reply) => {
      for (const port of reply.ports) encodePort(writer, port);
    },
    decode: (reader) => ({ type: TYPE, ports: readEntries(reader, decodePort) }),
  },
});
