/** A peer's JSON that is not what RFC 7047 says it must be. Costs the peer its connection. */

const SHOWN_CHARACTERS = 80;

export class DecodeError extends Error {
  override readonly name = 'DecodeError';

  /** `expected` names the notation of RFC 7047 section 5.1, for example `<uuid>`. */
  constructor(expected: string, got: unknown) {
    super(`expected ${expected}, got ${abbreviate(got)}`);
  }
}

function abbreviate(value: unknown): string {
  const text = typeof value === 'object' ? shallow(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** The kind of a container alone: writing out megabytes to show 80 characters would be a gift. */
function shallow(value: object | null): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
}
