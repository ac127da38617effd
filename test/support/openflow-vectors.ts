/** Reads `test/vectors/openflow/messages*.txt`; their headers describe the format. */
import { readFileSync } from 'node:fs';
import { FlowDesc } from '../../src/openflow/messages/index.ts';

export interface Vector {
  readonly name: string;
  readonly xid: number;
  readonly message: unknown;
  readonly bytes: Buffer;
  /** What ovs-ofctl prints. */
  readonly printed: string;
  /** Of a malformed one: the error. */
  readonly error: string;
}

export function readVectors(file: string): Vector[] {
  const text = readFileSync(new URL(`../vectors/openflow/${file}`, import.meta.url), 'utf8');
  return text
    .split(/^== /m)
    .slice(1)
    .map((block) => readVector(block.split('\n')));
}

function readVector([name = '', ...lines]: string[]): Vector {
  const marked = (mark: string) =>
    lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length));
  const hex = lines.filter((line) => /^[0-9a-f]+$/.test(line)).join('');
  return {
    name,
    xid: Number(marked('xid ')[0]),
    message: JSON.parse(lines.find((line) => line.startsWith('{')) ?? 'null', revive),
    bytes: Buffer.from(hex, 'hex'),
    printed: marked('>')
      .map((line) => line.slice(1))
      .join('\n'),
    error: marked('! ')[0] ?? '',
  };
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && /^0x[0-9a-f]+n$/.test(value)) return BigInt(value.slice(0, -1));
  if (typeof value === 'string' && value.startsWith('hex:')) {
    return Buffer.from(value.slice('hex:'.length), 'hex');
  }
  const isFlow = typeof value === 'object' && value !== null && 'rawMatch' in value;
  return isFlow ? new FlowDesc(value as FlowDesc, value as FlowDesc) : value;
}
