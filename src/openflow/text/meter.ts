/** Meters in text: what `ovs-ofctl dump-meters` prints and `add-meter` reads (ovs-ofctl(8)). */
import { type MeterBand, type MeterConfig, OFPMF } from '../messages/index.ts';
import { joined, labelled } from './join.ts';
import { parseNumber, U8, U16, U32 } from './numbers.ts';
import { TextError } from './text-error.ts';

const FLAG_WORDS = {
  kbps: OFPMF.KBPS,
  pktps: OFPMF.PKTPS,
  burst: OFPMF.BURST,
  stats: OFPMF.STATS,
} as const;

type Flag = keyof typeof FLAG_WORDS;

/** A meter as the tool prints it: its flags on the first line, a line for each band. */
export function formatMeter({ meterId, flags, bands }: MeterConfig): string {
  const words = Object.entries(FLAG_WORDS)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([word]) => word);
  const head = [`meter=${meterId}`, ...words, 'bands='].join(' ');
  return [head, ...bands.map((band) => formatBand(band, flags))].join('\n');
}

function formatBand(band: MeterBand, flags: number): string {
  const isBurst = (flags & OFPMF.BURST) !== 0;
  return joined(
    [
      `type=${band.type === 'unknown' ? band.code : band.type}`,
      `rate=${band.rate}`,
      isBurst && `burst_size=${band.burstSize}`,
      band.type === 'dscp_remark' && labelled('prec_level', band.precedenceLevel),
    ],
    ' ',
  );
}

/** Reads a meter; throws TextError. */
export function parseMeter(text: string): MeterConfig {
  const [head = '', bands = ''] = text.split(/\bbands?=/);
  let meterId = 0;
  let flags = 0;
  for (const word of head.split(/[,\s]+/).filter((part) => part !== '')) {
    if (word.startsWith('meter=')) meterId = parseNumber(word.slice('meter='.length), U32, 'meter');
    else flags |= flagOf(word);
  }
  const rates = flags & (OFPMF.KBPS | OFPMF.PKTPS);
  return {
    meterId,
    flags: rates === 0 ? flags | OFPMF.KBPS : flags,
    bands: bands
      .split(/(?=\btype=)/)
      .filter((band) => band.trim() !== '')
      .map(parseBand),
  };
}

function flagOf(word: string): number {
  if (!Object.hasOwn(FLAG_WORDS, word)) throw new TextError(`unknown keyword "${word}"`);
  return FLAG_WORDS[word as Flag];
}

function parseBand(text: string): MeterBand {
  const words = new Map(
    text
      .trim()
      .split(/[,\s]+/)
      .map((word) => word.split('=') as [string, string]),
  );
  const number = (key: string, max: number): number => parseNumber(words.get(key) ?? '0', max, key);
  const rate = { rate: number('rate', U32), burstSize: number('burst_size', U32) };
  switch (words.get('type')) {
    case 'drop':
      return { type: 'drop', ...rate };
    case 'dscp_remark':
      return { type: 'dscp_remark', ...rate, precedenceLevel: number('prec_level', U8) };
    default:
      return { type: 'unknown', code: number('type', U16), ...rate, bytes: Buffer.alloc(4) };
  }
}
