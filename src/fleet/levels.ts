/**
 * In which order flows of one push are put and deleted: by their place on a packet's way, not by
 * the numbers of tables, for the tables of rules are asked by some that have higher numbers.
 */
import { placeOnWay } from '../pipeline/index.ts';
import type { FlowState } from './changes.ts';

/**
 * Flows of one level after the other, those first that packets come to first, and of a table those
 * of the lowest priority first. `isPart` tells which of one priority come before the others.
 */
export function inLevels<T>(
  items: readonly T[],
  flowOf: (item: T) => FlowState,
  isPart: (item: T) => boolean = () => false,
): T[] {
  const levels = new Map<number, T[]>();
  for (const item of items) {
    const { table, priority } = flowOf(item);
    const level = placeOnWay(table) * LEVELS + priority * 2 + (isPart(item) ? 0 : 1);
    const others = levels.get(level);
    if (others === undefined) levels.set(level, [item]);
    else others.push(item);
  }
  return [...levels].sort(([one], [other]) => one - other).flatMap(([, level]) => level);
}

/** Of one table: priorities have 16 bits. */
const LEVELS = 2 ** 17;
