/**
 * Files of vectors: a line of text and below it, indented, the bytes that it stands for.
 *
 *     # a comment
 *     tcp,tp_dst=80                       a match, a list of actions or a flow
 *       00010014…
 *     [tcp] load:5->NXM_NX_REG0[] => set_field:0x5->reg0
 *       00190010…                         what is read => what is printed; [match] that it needs
 *     ! bytes of reg0                     bytes that are refused, with words of the error
 *       00010008…
 *
 * A flow has two lines of bytes: match and instructions (`-` for none).
 */
import { readFileSync } from 'node:fs';

export interface GoodVector {
  readonly kind: 'good';
  /** A match that the actions need; empty when none. */
  readonly context: string;
  readonly text: string;
  readonly printed: string;
  readonly bytes: readonly Buffer[];
}

export interface BadVector {
  readonly kind: 'bad';
  readonly error: string;
  readonly bytes: readonly Buffer[];
}

export type Vector = GoodVector | BadVector;

export const VECTOR_DIR = new URL('../test/vectors/openflow/', import.meta.url);

export function goodVectors(file: string): GoodVector[] {
  return readVectors(file).filter((vector) => vector.kind === 'good');
}

export function badVectors(file: string): BadVector[] {
  return readVectors(file).filter((vector) => vector.kind === 'bad');
}

function readVectors(file: string): Vector[] {
  const lines = readFileSync(new URL(file, VECTOR_DIR), 'utf8').split('\n');
  const vectors: Vector[] = [];
  for (const [index, line] of lines.entries()) {
    if (isVector(line)) vectors.push(parseVector(line, bytesBelow(lines, index)));
  }
  return vectors;
}

/** The text of a file with the bytes of every vector replaced by what `record` says. */
export function recorded(text: string, record: (vector: GoodVector) => readonly Buffer[]): string {
  const lines = text.split('\n').filter((line) => !isBytes(line));
  return lines
    .flatMap((line) => {
      if (!isVector(line)) return [line];
      const bytes = record(parseVector(line, []) as GoodVector);
      return [line, ...bytes.map((each) => `  ${each.toString('hex') || '-'}`)];
    })
    .join('\n');
}

function isBytes(line: string): boolean {
  return line.startsWith('  ');
}

function isVector(line: string): boolean {
  return line !== '' && !isBytes(line) && !line.startsWith('#');
}

function bytesBelow(lines: readonly string[], index: number): Buffer[] {
  const bytes: Buffer[] = [];
  for (const line of lines.slice(index + 1)) {
    if (!isBytes(line)) break;
    const hex = line.trim();
    bytes.push(Buffer.from(hex === '-' ? '' : hex, 'hex'));
  }
  return bytes;
}

function parseVector(line: string, bytes: readonly Buffer[]): Vector {
  if (line.startsWith('!')) return { kind: 'bad', error: line.slice(1).trim(), bytes };
  const [, context = '', both = ''] = /^(?:\[(.*?)\] )?(.*)$/.exec(line) ?? [];
  const [text = '', printed = text] = both.split(' => ');
  return { kind: 'good', context, text, printed, bytes };
}
