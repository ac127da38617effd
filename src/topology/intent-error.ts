/**
 * What a request can be refused for: Neutron's own error types, texts and HTTP statuses, because
 * its clients branch on them (neutron-lib, `exceptions`). One row an error, in a table for each
 * family of resources: the status, and the text in parts that are joined by spaces; `{name}` is
 * filled in.
 */
import { LAYER3_ERRORS } from './intent-errors/layer3.ts';
import { NETWORK_ERRORS } from './intent-errors/networks.ts';
import { POOL_ERRORS } from './intent-errors/pools.ts';
import { SECURITY_ERRORS } from './intent-errors/security.ts';
import { SERVICE_ERRORS } from './intent-errors/services.ts';

export const INTENT_ERRORS = {
  ...NETWORK_ERRORS,
  ...SECURITY_ERRORS,
  ...LAYER3_ERRORS,
  ...SERVICE_ERRORS,
  ...POOL_ERRORS,
} as const;

export type IntentErrorType = keyof typeof INTENT_ERRORS;

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

type Parts<Row extends readonly unknown[]> = Row extends readonly [number, ...infer Texts]
  ? Extract<Texts[number], string>
  : never;

/** The values that the text of an error type wants. */
export type IntentErrorValues<T extends IntentErrorType> = Readonly<
  Record<Names<Parts<(typeof INTENT_ERRORS)[T]>>, string | number>
>;

/** A request that is refused, by a rule and not by an accident: nothing was changed. */
export class IntentError extends Error {
  override readonly name = 'IntentError';
  /** Neutron's name of the error. */
  readonly type: IntentErrorType;
  /** The HTTP status that Neutron answers with. */
  readonly status: number;

  constructor(type: IntentErrorType, message: string) {
    super(message);
    this.type = type;
    this.status = INTENT_ERRORS[type][0];
  }
}

export function intentError<T extends IntentErrorType>(
  type: T,
  values: IntentErrorValues<T>,
): IntentError {
  const texts: Readonly<Record<string, string | number>> = values;
  const fill = (_: string, name: string): string => String(texts[name]);
  const [, ...parts] = INTENT_ERRORS[type];
  return new IntentError(type, parts.join(' ').replace(/\{(\w+)\}/g, fill));
}

/** The everyday refusal: a value that does not fit. */
export function invalidInput(reason: string): IntentError {
  return intentError('InvalidInput', { error_message: reason });
}
