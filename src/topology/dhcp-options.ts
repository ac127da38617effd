/** Options that a port's DHCP answers carry besides the usual ones (Neutron's `extra_dhcp_opt`). */
import { invalidInput } from './intent-error.ts';
import { STRING } from './validate/attributes.ts';
import { checkCount, isObject, type Read, reader, show } from './validate/values.ts';

export interface DhcpOption {
  readonly opt_name: string;
  readonly opt_value: string;
  readonly ip_version: 4 | 6;
}

/** As a request names it: null takes the option away. */
export interface DhcpOptionRequest {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version: 4 | 6;
}

const NAME_LENGTH_MAX = 64;
const VALUE_LENGTH_MAX = 255;
/** Options that may be sent empty: they keep the server from sending its own. */
const BLANKABLE = new Set(['router', 'classless-static-route']);

const SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    properties: { opt_name: STRING, opt_value: STRING, ip_version: { enum: [4, 6] } },
  },
} as const;

export const readDhcpOptions: Read<readonly DhcpOptionRequest[]> = reader(SCHEMA, (given) => {
  if (given === null) return [];
  if (!Array.isArray(given)) throw invalidInput(`'${show(given)}' is not a list`);
  checkCount('DHCP option', given);
  return given.map((item: unknown) => {
    const option = readOption(item);
    if (option === undefined) throw invalidInput(`No valid key specs matched for: ${show(item)}`);
    return option;
  });
});

function readOption(item: unknown): DhcpOptionRequest | undefined {
  if (!isObject(item)) return undefined;
  const { opt_name: name, opt_value: value, ip_version: version = 4, ...others } = item;
  if (Object.keys(others).length > 0 || !isLine(name, NAME_LENGTH_MAX)) return undefined;
  const number = Number(version);
  if (number !== 4 && number !== 6) return undefined;
  return value === null || isValue(name, value)
    ? { opt_name: name, opt_value: value, ip_version: number }
    : undefined;
}

function isValue(name: string, value: unknown): value is string {
  if (BLANKABLE.has(name)) return typeof value === 'string' && value.length <= VALUE_LENGTH_MAX;
  return isLine(value, VALUE_LENGTH_MAX);
}

function isLine(value: unknown, lengthMax: number): value is string {
  if (typeof value !== 'string' || value.length > lengthMax) return false;
  return value.trim() !== '' && !/[\r\n\v\f\u0085\u2028\u2029]./s.test(value);
}

/** The options of a port after a request: it names those to set and to take away, and no others. */
export function mergedOptions(
  options: readonly DhcpOption[],
  given: readonly DhcpOptionRequest[],
): readonly DhcpOption[] {
  if (given.length === 0) return options;
  const keyOf = ({ opt_name, ip_version }: DhcpOptionRequest): string =>
    `${ip_version} ${opt_name}`;
  const merged = new Map(options.map((option) => [keyOf(option), option]));
  for (const { opt_name, opt_value, ip_version } of given) {
    const option = { opt_name, opt_value, ip_version };
    if (opt_value === null) merged.delete(keyOf(option));
    else merged.set(keyOf(option), { ...option, opt_value });
  }
  return [...merged.values()];
}
