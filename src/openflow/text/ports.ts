/** Ports in text: numbers, and the names of the reserved ones. */
import { OFPP } from '../constants.ts';
import { port32 } from '../oxm/index.ts';
import { parseNumber, U32 } from './numbers.ts';

const NAMES = new Map<number, string>([
  [OFPP.IN_PORT, 'IN_PORT'],
  [OFPP.TABLE, 'TABLE'],
  [OFPP.NORMAL, 'NORMAL'],
  [OFPP.FLOOD, 'FLOOD'],
  [OFPP.ALL, 'ALL'],
  [OFPP.CONTROLLER, 'CONTROLLER'],
  [OFPP.LOCAL, 'LOCAL'],
  [OFPP.ANY, 'ANY'],
  [OFPP.UNSET, 'UNSET'],
]);

const NUMBERS = new Map([...NAMES].map(([number, name]) => [name, number]));
NUMBERS.set('NONE', OFPP.ANY);

export function formatPort(port: number): string {
  return NAMES.get(port) ?? String(port);
}

/** The number of a reserved port's name, whatever its case. */
export function reservedPort(text: string): number | undefined {
  return NUMBERS.get(text.toUpperCase());
}

/** A port number of 32 bits; reserved ones of 16 bits are understood too. */
export function parsePort(text: string): number {
  const named = reservedPort(text);
  if (named !== undefined) return named;
  const number = parseNumber(text, U32, 'port');
  return number <= 0xffff ? port32(number) : number;
}
