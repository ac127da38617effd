/** JSON, with the integers that a double does not count: a pool of IPv6 addresses holds so many. */

/** Under this an object has a function that writes it as JSON with less work than others would. */
export const JSON_TEXT = Symbol('JSON text');

/** As JSON.stringify, which refuses big integers. */
export function jsonText(value: unknown): string {
  if (writesItself(value)) return value[JSON_TEXT]();
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Few answers have big integers, and to look for them would cost all others time.
    if (!(error instanceof TypeError)) throw error;
    return written(value);
  }
}

function writesItself(value: unknown): value is { [JSON_TEXT](): string } {
  return typeof value === 'object' && value !== null && JSON_TEXT in value;
}

function written(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const shown = 'toJSON' in value ? (value as { toJSON(): object }).toJSON() : value;
  const members = Object.entries(shown).filter(([, member]) => member !== undefined);
  const texts = members.map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`);
  return `{${texts.join(',')}}`;
}
