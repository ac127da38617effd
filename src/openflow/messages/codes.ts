/** Closed lists of numbers with names, as the specification's enumerations: one row each. */
import type { Reader } from '../wire/index.ts';

export interface Codes<N extends string> {
  /** The number of a name. */
  code(name: N): number;
  /** The name of a number that was just read; throws DecodeError for one that is not listed. */
  name(code: number, reader: Reader): N;
  readonly names: readonly N[];
}

/** `what` names the list in errors: `ofp_controller_role`. */
export function defineCodes<const T extends Readonly<Record<string, number>>>(
  what: string,
  table: T,
): Codes<keyof T & string> {
  type N = keyof T & string;
  const names = Object.keys(table) as N[];
  const byCode = new Map<number, N>(names.map((name) => [table[name] as number, name]));
  return {
    names,
    code: (name) => table[name] as number,
    name: (code, reader) => {
      const name = byCode.get(code);
      if (name === undefined) throw reader.error(what, code);
      return name;
    },
  };
}
