/** Readers of settings: from the text of a variable to a value, or a refusal in words. */

/** Where to listen or connect: a TCP address or a unix socket. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export type TcpEndpoint = Endpoint & { readonly kind: 'tcp' };

/** A password, or the file that it stands in. */
export type Secret = { readonly text: string } | { readonly file: string };

export interface Setting {
  readonly variable: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** A setting that does not parse; the message names the variable, the value and what it takes. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export function setting(variable: string, fallback: string, meaning: string): Setting {
  return { variable, fallback, meaning };
}

function refuse({ variable }: Setting, value: string, takes: string): never {
  throw new ConfigError(`${variable}='${value}' is not understood; it takes ${takes}`);
}

export function endpoint(from: Setting, value: string): Endpoint {
  if (value.startsWith('unix:')) return { kind: 'unix', path: value.slice('unix:'.length) };
  return tcp(from, value);
}

export function tcp(from: Setting, value: string): TcpEndpoint {
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) refuse(from, value, 'HOST:PORT');
  return { kind: 'tcp', host, port: Number(port) };
}

/** Targets as Open vSwitch writes them, separated by commas. */
export function targets(from: Setting, value: string): string[] {
  const list = value.split(',').filter((target) => target !== '');
  for (const target of list) {
    if (!/^(tcp:(\[[0-9a-f:]+\]|[^:\s]+):\d{1,5}|unix:.+)$/i.test(target)) {
      refuse(from, target, 'tcp:HOST:PORT');
    }
  }
  return list;
}

export function plainName(from: Setting, value: string): string {
  if (!/^[\w.-]+$/.test(value))
    refuse(from, value, 'letters, digits, dots, hyphens and underscores');
  return value;
}

export function domain(from: Setting, value: string): string {
  const labels = value.replace(/\.$/, '').split('.');
  const isName = labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i.test(label));
  if (!isName || value.length > 250) refuse(from, value, 'a domain, as cloud.example.');
  return `${labels.join('.').toLowerCase()}.`;
}

export function milliseconds(from: Setting, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) refuse(from, value, 'milliseconds, at least 1');
  return number;
}

export function oneOf<T extends string>(from: Setting, value: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  return choice ?? refuse(from, value, choices.join(', '));
}

export function positive(from: Setting, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) refuse(from, value, 'a whole number, at least 1');
  return number;
}

/** `RATE` or `RATE/BURST`, each a number above 0. */
export function rate(from: Setting, value: string): { perSecond: number; burst: number } {
  const [, perSecond, burst] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(value) ?? [];
  const [each, atOnce] = [Number(perSecond), Number(burst ?? Math.ceil(Number(perSecond)))];
  if (!(each > 0) || !(atOnce >= 1)) refuse(from, value, 'RATE or RATE/BURST, as 50 or 50/200');
  return { perSecond: each, burst: atOnce };
}

/** `RATE` or `RATE/BURST` in whole packets, as meters of Open vSwitch hold them. */
export function packetLimit(from: Setting, value: string): { rate: number; burst: number } {
  const [, each, atOnce = each] = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(value) ?? [];
  const [rate, burst] = [Number(each), Number(atOnce)];
  if (!(rate >= 1 && burst >= 1)) {
    refuse(from, value, 'RATE or RATE/BURST in whole packets, as 1000 or 1000/2000, or off');
  }
  return { rate, burst };
}

/** An http or https address without a slash at its end. */
export function httpUrl(from: Setting, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  // Whoever reads the log may see addresses, and must not see passwords.
  if (!isHttp || url.username !== '' || url.password !== '') {
    refuse(from, '…', 'an http or https address without a password');
  }
  return value.replace(/\/+$/, '');
}

export function words(value: string): string[] {
  return value.split(',').flatMap((word) => word.trim() || []);
}
