/** OFPT_METER_MOD: add, change or delete a meter (§7.3.4.5). It cannot go into a bundle. */
import { defineStruct, u16, u32 } from '../wire/index.ts';
import { defineCodes } from './codes.ts';
import { defineMessage } from './define.ts';
import { decodeBands, encodeBand, type MeterBand } from './meter-band.ts';

const COMMAND = defineCodes('ofp_meter_mod_command', {
  OFPMC_ADD: 0,
  OFPMC_MODIFY: 1,
  OFPMC_DELETE: 2,
});

/** Bits of a meter's `flags`. */
export const OFPMF = { KBPS: 0x1, PKTPS: 0x2, BURST: 0x4, STATS: 0x8 } as const;

const BODY = defineStruct('ofp_meter_mod', 8, { command: u16, flags: u16, meterId: u32 });

export interface MeterMod {
  readonly type: 'OFPT_METER_MOD';
  readonly command: (typeof COMMAND.names)[number];
  /** `OFPMF` bits. */
  readonly flags: number;
  readonly meterId: number;
  readonly bands: readonly MeterBand[];
}

export const meterMod = defineMessage<MeterMod>({
  type: 'OFPT_METER_MOD',
  code: 29,
  encode: (writer, message) => {
    BODY.write(writer, { ...message, command: COMMAND.code(message.command) });
    for (const band of message.bands) encodeBand(writer, band);
  },
  decode: (reader) => {
    const fixed = BODY.read(reader);
    const command = COMMAND.name(fixed.command, reader);
    return { type: 'OFPT_METER_MOD', ...fixed, command, bands: decodeBands(reader) };
  },
});
