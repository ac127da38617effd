/** `ofp_port` (§7.2.1): one port of the switch, in port-status and in port descriptions. */
import { defineStruct, pad, type Reader, text, u16, u32, u48, type Writer } from '../wire/index.ts';
import type { Fixed } from './define.ts';
import { readProperties, type UnknownProperty, writeProperty, writeUnknown } from './properties.ts';

const PORT = defineStruct('ofp_port', 40, {
  portNumber: u32,
  length: u16,
  padding: pad(2),
  hardwareAddress: u48,
  padding2: pad(2),
  name: text(16),
  /** `OFPPC_*` bits. */
  config: u32,
  /** `OFPPS_*` bits. */
  state: u32,
});

const OFPPDPT_ETHERNET = 0;

const ETHERNET = defineStruct('ofp_port_desc_prop_ethernet', 28, {
  padding: pad(4),
  /** `OFPPF_*` bits. */
  current: u32,
  advertised: u32,
  supported: u32,
  peer: u32,
  /** kb/s. */
  currentSpeed: u32,
  maximumSpeed: u32,
});

export type PortProperty =
  | ({ readonly type: 'ethernet' } & Fixed<typeof ETHERNET>)
  | UnknownProperty;

export interface Port extends Omit<Fixed<typeof PORT>, 'length'> {
  readonly properties: readonly PortProperty[];
}

export function encodePort(writer: Writer, port: Port): void {
  const start = writer.length;
  PORT.write(writer, { ...port, length: 0 });
  for (const property of port.properties) {
    if (property.type === 'unknown') writeUnknown(writer, property);
    else writeProperty(writer, OFPPDPT_ETHERNET, () => ETHERNET.write(writer, property));
  }
  writer.patchU16(start + 4, writer.length - start);
}

export function decodePort(reader: Reader): Port {
  const { length, ...fixed } = PORT.read(reader);
  if (length < PORT.size) throw reader.error(`a port of at least ${PORT.size} bytes`, length);
  const properties: PortProperty[] = [];
  readProperties(reader.window(length - PORT.size), (code, value) => {
    if (code === OFPPDPT_ETHERNET) properties.push({ type: 'ethernet', ...ETHERNET.read(value) });
    else properties.push({ type: 'unknown', code, bytes: value.bytes(value.remaining) });
  });
  return { ...fixed, properties };
}
