/** A text is not what `ovs-ofctl` would understand. */
export class TextError extends Error {
  override readonly name = 'TextError';
}
