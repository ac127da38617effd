/** `ct(…)` and `nat(…)` in text, both ways. */
import type { Action, CtAction, NatAction } from '../actions/index.ts';
import type { SubField } from '../oxm/index.ts';
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './addresses.ts';
import { flag, joined, labelled } from './join.ts';
import { parseNumber, U16 } from './numbers.ts';
import { pairs } from './scan.ts';
import { findSubField, formatSubField } from './subfields.ts';
import { formatTable, parseTable, type TextOptions } from './tables.ts';
import { TextError } from './text-error.ts';

const ALG_NAMES = new Map([
  [21, 'ftp'],
  [69, 'tftp'],
]);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A nat that comes first stands beside exec(…), as Open vSwitch prints it. */
export function formatCt(
  action: CtAction,
  formatList: (actions: readonly Action[]) => string,
  options: TextOptions,
): string {
  const { zone, actions = [] } = action;
  const [first, ...rest] = actions;
  const nat = first?.type === 'nat' ? formatNat(first) : undefined;
  const inside = nat === undefined ? actions : rest;
  return `ct(${joined([
    flag('commit', action.commit),
    flag('force', action.force),
    labelled('table', action.table, { format: (table) => formatTable(table, options) }),
    labelled('zone', zone, { format: formatZone, silent: 0 }),
    nat,
    inside.length > 0 && `exec(${formatList(inside)})`,
    labelled('alg', action.alg, { format: (alg) => ALG_NAMES.get(alg) ?? String(alg), silent: 0 }),
  ])})`;
}

function formatZone(zone: number | SubField): string {
  return typeof zone === 'number' ? String(zone) : formatSubField(zone);
}

export function parseCt(
  text: string,
  parseList: (text: string) => Action[],
  options: TextOptions,
): CtAction {
  const ct: Mutable<CtAction> = { type: 'ct' };
  const actions: Action[] = [];
  for (const { key, value } of pairs(text)) {
    if (key === 'commit') ct.commit = true;
    else if (key === 'force') ct.force = true;
    else if (key === 'table') ct.table = parseTable(value, options);
    else if (key === 'zone') setZone(ct, value);
    else if (key === 'alg') ct.alg = parseAlg(value);
    else if (key === 'nat') actions.push(parseNat(value));
    else if (key === 'exec') actions.push(...parseList(value));
    else throw new TextError(`unknown argument "${key}" of ct`);
  }
  if (ct.force && !ct.commit) throw new TextError('ct(force) needs commit');
  return actions.length === 0 ? ct : { ...ct, actions };
}

function setZone(ct: Mutable<CtAction>, text: string): void {
  const subField = findSubField(text);
  if (subField !== undefined) ct.zone = subField;
  else if (text !== '0') ct.zone = parseNumber(text, U16, 'zone');
}

function parseAlg(text: string): number {
  for (const [port, name] of ALG_NAMES) {
    if (name === text) return port;
  }
  return parseNumber(text, U16, 'alg');
}

export function formatNat(action: NatAction): string {
  const { direction, ipv4, ipv6, ports, persistent, algorithm } = action;
  if (direction === undefined) return 'nat';
  const addresses =
    formatRange(ipv4, formatIpv4) ??
    formatRange(ipv6, (ip) => (ports === undefined ? formatIpv6(ip) : `[${formatIpv6(ip)}]`));
  const range =
    addresses === undefined
      ? ''
      : `=${addresses}${ports === undefined ? '' : `:${formatRange(ports, String)}`}`;
  return `nat(${joined([`${direction}${range}`, flag('persistent', persistent), algorithm])})`;
}

interface Range<T> {
  readonly min: T;
  readonly max?: T;
}

function formatRange<T>(range: Range<T> | undefined, format: (v: T) => string): string | undefined {
  if (range === undefined) return undefined;
  const { min, max } = range;
  return max === undefined || max === min ? format(min) : `${format(min)}-${format(max)}`;
}

export function parseNat(text: string): NatAction {
  const nat: Mutable<NatAction> = { type: 'nat' };
  for (const { key, value } of pairs(text)) {
    if (key === 'src' || key === 'dst') {
      if (nat.direction !== undefined) throw new TextError('nat is of src or of dst');
      nat.direction = key;
      Object.assign(nat, parseNatRange(value));
    } else if (key === 'persistent') nat.persistent = true;
    else if (key === 'hash' || key === 'random') nat.algorithm = key;
    else throw new TextError(`unknown argument "${key}" of nat`);
  }
  return nat;
}

/** `1.2.3.4-1.2.3.9:100-200`, `[fe80::1]-[fe80::9]:100` or nothing. */
function parseNatRange(text: string): Pick<NatAction, 'ipv4' | 'ipv6' | 'ports'> {
  if (text === '') return {};
  const v4 = /^(\d+(?:\.\d+){3})(?:-([\d.]+))?(?::(.+))?$/.exec(text);
  if (v4 !== null) {
    return { ipv4: range(v4[1], v4[2], parseIpv4), ...natPorts(v4[3]) };
  }
  const bracketed = /^\[([^\]]+)\](?:-\[([^\]]+)\])?(?::(.+))?$/.exec(text);
  const [, min, max, ports] = bracketed ?? /^([^-[\]]+)(?:-([^-[\]]+))?$/.exec(text) ?? [];
  return { ipv6: range(min, max, parseIpv6), ...natPorts(ports) };
}

function natPorts(text: string | undefined): Pick<NatAction, 'ports'> {
  if (text === undefined) return {};
  const [min, max] = text.split('-');
  return { ports: range(min, max, (port) => parseNumber(port, U16, 'port')) };
}

function range<T>(
  min: string | undefined,
  max: string | undefined,
  parse: (v: string) => T,
): Range<T> {
  if (min === undefined) throw new TextError('bad range of nat');
  return max === undefined ? { min: parse(min) } : { min: parse(min), max: parse(max) };
}
