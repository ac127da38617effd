/** Meter bands (§7.3.4.5): what happens to packets above a rate. */
import { type Reader, Writer } from '../wire/index.ts';

const BAND_HEADER = 12;
/** Every band has 16 bytes: `drop` ends in padding, `dscp_remark` in a level. */
const BAND_SIZE = 16;
const OFPMBT = { DROP: 1, DSCP_REMARK: 2 } as const;

interface Rate {
  /** kb/s, or packets/s with OFPMF.PKTPS. */
  readonly rate: number;
  readonly burstSize: number;
}

export type MeterBand =
  | (Rate & { readonly type: 'drop' })
  | (Rate & { readonly type: 'dscp_remark'; readonly precedenceLevel: number })
  | (Rate & { readonly type: 'unknown'; readonly code: number; readonly bytes: Buffer });

export function encodeBand(writer: Writer, band: MeterBand): void {
  const start = writer.length;
  writer.u16(bandCode(band));
  writer.u16(0);
  writer.u32(band.rate);
  writer.u32(band.burstSize);
  if (band.type === 'unknown') writer.bytes(band.bytes);
  if (band.type === 'dscp_remark') writer.u8(band.precedenceLevel);
  if (band.type !== 'unknown') writer.zero(BAND_SIZE - (writer.length - start));
  writer.patchU16(start + 2, writer.length - start);
}

export function decodeBands(reader: Reader): MeterBand[] {
  const bands: MeterBand[] = [];
  while (reader.remaining > 0) bands.push(decodeBand(reader));
  return bands;
}

/** The wire form of a list of bands in a buffer of its own. */
export function bandBytes(bands: readonly MeterBand[]): Buffer {
  const writer = new Writer(BAND_SIZE * bands.length);
  for (const band of bands) encodeBand(writer, band);
  return writer.take();
}

function bandCode(band: MeterBand): number {
  if (band.type === 'unknown') return band.code;
  return band.type === 'drop' ? OFPMBT.DROP : OFPMBT.DSCP_REMARK;
}

function decodeBand(reader: Reader): MeterBand {
  const code = reader.u16();
  const length = reader.u16();
  if (length < BAND_HEADER) throw reader.error('a meter band of at least 12 bytes', length);
  const body = reader.window(length - 4);
  const rate = { rate: body.u32(), burstSize: body.u32() };
  if (code === OFPMBT.DROP) return { type: 'drop', ...rate };
  if (code === OFPMBT.DSCP_REMARK) {
    return { type: 'dscp_remark', ...rate, precedenceLevel: body.u8() };
  }
  return { type: 'unknown', code, ...rate, bytes: body.bytes(body.remaining) };
}
