/** One extension of the Networking API, as clients see it. */
export interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
  /** When the definition in neutron-lib was made that this follows. */
  readonly updated: string;
}

/** @param day of the definition */
export function extension(
  alias: string,
  name: string,
  description: string,
  day: string,
): Extension {
  return { alias, name, description, updated: `${day}T10:00:00-00:00` };
}
