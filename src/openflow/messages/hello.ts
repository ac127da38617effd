/** OFPT_HELLO: the first message of each side, with the versions that it speaks (§7.5.1). */
import type { Reader, Writer } from '../wire/index.ts';
import { defineMessage } from './define.ts';

const VERSION_BITMAP = 1;
const ELEMENT_HEADER = 4;
const BITS_PER_WORD = 32;

export interface Hello {
  readonly type: 'OFPT_HELLO';
  /** Versions of the bitmap, ascending; empty when the peer sent no bitmap. */
  readonly versions: readonly number[];
}

export const hello = defineMessage<Hello>({
  type: 'OFPT_HELLO',
  code: 0,
  encode: (writer, { versions }) => {
    if (versions.length > 0) encodeBitmap(writer, versions);
  },
  decode: (reader) => ({ type: 'OFPT_HELLO', versions: decodeElements(reader) }),
});

function encodeBitmap(writer: Writer, versions: readonly number[]): void {
  const length = Math.floor(Math.max(...versions) / BITS_PER_WORD) + 1;
  const words = Array.from({ length }, () => 0);
  for (const version of versions) {
    const word = Math.floor(version / BITS_PER_WORD);
    words[word] = ((words[word] ?? 0) | (1 << (version % BITS_PER_WORD))) >>> 0;
  }
  const start = writer.length;
  writer.u16(VERSION_BITMAP);
  writer.u16(ELEMENT_HEADER + 4 * words.length);
  for (const word of words) writer.u32(word);
  writer.align8(start);
}

/** Elements of other types are skipped, as the specification asks. */
function decodeElements(reader: Reader): number[] {
  let versions: number[] = [];
  while (reader.remaining >= ELEMENT_HEADER) {
    const type = reader.u16();
    const length = reader.u16();
    if (length < ELEMENT_HEADER) throw reader.error('a hello element of at least 4 bytes', length);
    const value = reader.window(length - ELEMENT_HEADER);
    if (type === VERSION_BITMAP) versions = decodeBitmap(value);
    reader.skip(Math.min(reader.remaining, -length & 7));
  }
  return versions;
}

function decodeBitmap(reader: Reader): number[] {
  const versions: number[] = [];
  for (let base = 0; reader.remaining >= 4; base += BITS_PER_WORD) {
    const word = reader.u32();
    for (let bit = 0; bit < BITS_PER_WORD; bit++) {
      if (((word >>> bit) & 1) === 1) versions.push(base + bit);
    }
  }
  return versions;
}
