/** Roughly how much memory a row takes: enough to stop a peer that fills us up, no measurement. */
import type { Atom } from './datum/atom.ts';
import type { Datum } from './datum/index.ts';

const ROW_BYTES = 128;
const ATOM_BYTES = 16;

export function rowWeight(row: Readonly<Record<string, Datum>> | undefined): number {
  if (row === undefined) return 0;
  return Object.values(row).reduce<number>((sum, datum) => sum + datumWeight(datum), ROW_BYTES);
}

function datumWeight(datum: Datum): number {
  if (Array.isArray(datum)) return listWeight(datum);
  if (datum instanceof Map) return listWeight([...datum.keys()]) + listWeight([...datum.values()]);
  return atomWeight(datum as Atom | undefined);
}

function listWeight(atoms: readonly Atom[]): number {
  return atoms.reduce<number>((sum, atom) => sum + atomWeight(atom), 0);
}

function atomWeight(atom: Atom | undefined): number {
  return ATOM_BYTES + (typeof atom === 'string' ? atom.length : 0);
}
