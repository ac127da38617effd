/** Lists of optional parts of a text. */

/** The parts that are there, with `separator` between. */
export function joined(parts: readonly (string | false | undefined)[], separator = ','): string {
  return parts
    .filter((part) => part !== undefined && part !== false && part !== '')
    .join(separator);
}

/** `label=value`, or nothing when there is no value, or one that goes without saying. */
export function labelled<T>(
  label: string,
  value: T | undefined,
  { format = String, silent }: { format?: (value: T) => string; silent?: T } = {},
): string | undefined {
  return value === undefined || value === silent ? undefined : `${label}=${format(value)}`;
}

/** A word that stands for "yes". */
export function flag(name: string, set: boolean | undefined): string | undefined {
  return set === true ? name : undefined;
}
