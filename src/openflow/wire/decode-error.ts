/** The peer sent bytes that do not mean anything: the one error that decoders throw. */

export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** Byte offset in the decoded message at which it went wrong. */
  readonly offset: number;
  readonly expected: string;
  readonly got: string;

  constructor(offset: number, expected: string, got: string | number | bigint) {
    super(`byte ${offset}: expected ${expected}, got ${got}`);
    this.offset = offset;
    this.expected = expected;
    this.got = String(got);
  }
}
