/** Options that a port may name in `extra_dhcp_opts`, by name or by number. */
import { guessed, type ReadValue } from './option-values.ts';

export interface OptionRow {
  readonly code: number;
  /** That dnsmasq has for it, which is Neutron's. */
  readonly name: string;
  readonly read: ReadValue;
}

export type Option = Pick<OptionRow, 'code' | 'read'>;

export interface OptionRules {
  /** That a name may begin with, as dnsmasq has it. */
  readonly prefix: string;
  readonly codeMax: number;
  /** What says the protocol itself, not a port. */
  readonly isReserved: (code: number) => boolean;
}

/** Finds an option; undefined for what is none, or is not a port's to say. */
export function optionFinder(
  rows: readonly OptionRow[],
  { prefix, codeMax, isReserved }: OptionRules,
): (name: string) => Option | undefined {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const byCode = new Map(rows.map((row) => [row.code, row]));
  return (name) => {
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (!/^\d+$/.test(bare)) return byName.get(bare);
    const code = Number(bare);
    if (code > codeMax || isReserved(code)) return undefined;
    return byCode.get(code) ?? { code, read: guessed };
  };
}
