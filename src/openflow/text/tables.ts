/** Tables in text: numbers, or the names that the caller has for them. */
import { parseNumber, U8 } from './numbers.ts';

export interface TextOptions {
  /** Names of tables by number; a table without one is printed as its number. */
  readonly tableNames?: ReadonlyMap<number, string>;
}

export function formatTable(table: number, { tableNames }: TextOptions): string {
  return tableNames?.get(table) ?? String(table);
}

export function parseTable(text: string, { tableNames }: TextOptions): number {
  for (const [number, name] of tableNames ?? []) {
    if (name === text) return number;
  }
  return parseNumber(text, U8, 'table');
}
