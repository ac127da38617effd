/** Ethernet II frames without tags: a guest's are never tagged where a service sees them. */
import { defineStruct, type Reader, u16, u48, type Writer } from '../openflow/wire/index.ts';

const HEADER = defineStruct('Ethernet header', 14, { destination: u48, source: u48, type: u16 });

/** 48-bit numbers. */
export interface Ethernet {
  readonly destination: number;
  readonly source: number;
  readonly type: number;
}

export const BROADCAST_MAC = 0xffff_ffff_ffff;

/** The reader then stands behind the header. Throws DecodeError. */
export function readEthernet(reader: Reader): Ethernet {
  return HEADER.read(reader);
}

export function writeEthernet(writer: Writer, ethernet: Ethernet): void {
  HEADER.write(writer, ethernet);
}

/** Who a frame says that it is from. */
export function ethernetSource(frame: Buffer): number | undefined {
  return frame.length < HEADER.size ? undefined : frame.readUIntBE(6, 6);
}

/** What a frame holds, where it is long enough to say so. */
export function ethernetType(frame: Buffer): number | undefined {
  return frame.length < HEADER.size ? undefined : frame.readUInt16BE(HEADER.size - 2);
}
