/** OFPMP_METER_CONFIG: the meters as they were made (§7.3.5.14; its OpenFlow 1.3 number, 10). */
import { defineStruct, pad, type Reader, u16, u32, type Writer } from '../../wire/index.ts';
import type { Fixed } from '../define.ts';
import { decodeBands, encodeBand, type MeterBand } from '../meter-band.ts';
import { defineMultipart, readEntries } from './define.ts';

const TYPE = 'OFPMP_METER_CONFIG';

const REQUEST = defineStruct('ofp_meter_multipart_request', 8, { meterId: u32, padding: pad(4) });
const ENTRY = defineStruct('ofp_meter_config', 8, { length: u16, flags: u16, meterId: u32 });

/** `OFPM_ALL`: every meter. */
export const OFPM_ALL = 0xffff_ffff;

/** `meterId`: `OFPM_ALL` for all. */
export type MeterConfigRequest = { readonly type: typeof TYPE } & Fixed<typeof REQUEST>;

export interface MeterConfig {
  readonly meterId: number;
  /** `OFPMF` bits. */
  readonly flags: number;
  readonly bands: readonly MeterBand[];
}

export interface MeterConfigReply {
  readonly type: typeof TYPE;
  readonly meters: readonly MeterConfig[];
}

export const meterConfig = defineMultipart<MeterConfigRequest, MeterConfigReply>({
  type: TYPE,
  code: 10,
  request: {
    encode: (writer, request) => REQUEST.write(writer, request),
    decode: (reader) => ({ type: TYPE, ...REQUEST.read(reader) }),
  },
  reply: {
    encode: (writer, reply) => {
      for (const meter of reply.meters) encodeEntry(writer, meter);
    },
    decode: (reader) => ({ type: TYPE, meters: readEntries(reader, decodeEntry) }),
  },
});

function encodeEntry(writer: Writer, meter: MeterConfig): void {
  const start = writer.length;
  ENTRY.write(writer, { ...meter, length: 0 });
  for (const band of meter.bands) encodeBand(writer, band);
  writer.patchU16(start, writer.length - start);
}

function decodeEntry(reader: Reader): MeterConfig {
  const { length, flags, meterId } = ENTRY.read(reader);
  if (length < ENTRY.size) throw reader.error('a meter of at least 8 bytes', length);
  return { meterId, flags, bands: decodeBands(reader.window(length - ENTRY.size)) };
}
