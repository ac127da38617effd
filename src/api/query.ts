/** Parameters of a query string that stand for something else than text. */
import { badRequest } from './error-table.ts';
import type { RawQuery } from './listing.ts';

/** A whole number that is not negative; undefined when the parameter is absent or empty. */
export function wholeNumber(query: RawQuery, name: string): number | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) {
    throw badRequest(`${name} must be a whole number`);
  }
  return Number(value);
}
