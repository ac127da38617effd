/**
 * The generated parts of docs/pipeline.md, each between two comments:
 *
 *     <!-- generated: tables -->
 *     …
 *     <!-- end -->
 *
 * The prose around them is written by hand. A mark of a part that does not exist is an error, and
 * so is a table that the document does not show.
 */
import { securityCost } from '../lab/security-load.ts';
import {
  COOKIE_KINDS,
  GROUP_KINDS,
  Marker,
  METER_KINDS,
  METERS_PER_PORT,
  NetworkKey,
  PRIORITY,
  PRIORITY_MEANINGS,
  REG_FIELDS,
  REG_MARKS,
  RESERVED_REGISTERS,
  SERVICES,
  TABLES,
} from '../src/pipeline/index.ts';
import { SAMPLE_SETTINGS, sampleFlows, sampleGroups, sampleMarkers } from './pipeline-sample.ts';

const PARTS: ReadonlyMap<string, () => string> = new Map<string, () => string>([
  ['tables', tables],
  ['registers', registers],
  ['priorities', priorities],
  ['cookies', () => numbered('unit', COOKIE_KINDS)],
  ['groups', () => [numbered('group, from', GROUP_KINDS), '', fenced(sampleGroups())].join('\n')],
  ['meters', meters],
  ['services', () => numbered('service', SERVICES)],
  ['settings', settings],
  ['security load', securityLoad],
  ...TABLES.map((table): [string, () => string] => [
    `flows of ${table.name}`,
    () => fenced(table === Marker ? sampleMarkers() : sampleFlows(table)),
  ]),
]);

const PART = /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g;

/** The document with its generated parts made anew. */
export function pipelineDocument(existing: string): string {
  const shown = new Set<string>();
  const text = existing.replace(PART, (_, start: string, name: string, end: string) => {
    const part = PARTS.get(name);
    if (part === undefined)
      throw new Error(`docs/pipeline.md asks for ${name}, which nobody makes`);
    shown.add(name);
    return `${start}${part()}\n${end}`;
  });
  const missing = [...PARTS.keys()].filter((name) => !shown.has(name));
  if (missing.length > 0) throw new Error(`docs/pipeline.md leaves out: ${missing.join(', ')}`);
  return text;
}

function tables(): string {
  const rows = TABLES.map(({ id, name, purpose, miss, next }) => {
    const missName = miss === 'drop' ? 'drop' : miss.name;
    const others = next.filter((table) => table !== miss).map((table) => table.name);
    return [String(id), name, purpose, missName, others.join(', ')];
  });
  return markdownTable(['number', 'name', 'purpose', 'miss', 'leads to'], rows);
}

function registers(): string {
  const fields = REG_FIELDS.map(({ name, register, from, to, purpose }) => {
    const marks = REG_MARKS.filter((mark) => mark.field.name === name);
    const meanings = marks.map((mark) => `${mark.value} ${mark.name}: ${mark.purpose}`);
    return [`${register}[${from}..${to}]`, name, [purpose, ...meanings].join('<br>')];
  });
  const { field, offset, bits } = NetworkKey.subField;
  const key = [`${field}[${offset}..${offset + bits - 1}]`, NetworkKey.name, NetworkKey.purpose];
  const reserved = RESERVED_REGISTERS.map((row) => [row.registers, 'reserved', row.purpose]);
  return markdownTable(['bits', 'name', 'meaning'], [key, ...fields, ...reserved]);
}

function priorities(): string {
  const rows = Object.entries(PRIORITY).map(([name, value]) => [
    String(value),
    name,
    PRIORITY_MEANINGS[name as keyof typeof PRIORITY],
  ]);
  return markdownTable(['priority', 'name', 'meaning'], rows);
}

function settings(): string {
  const rows = SAMPLE_SETTINGS.filter(({ column }) => column !== 'name').map((setting) => {
    const { table, flowTable, column, key, value, reason } = setting;
    const row = flowTable === undefined ? table : `${table} ${flowTable}`;
    const place = key === undefined ? column : `${column}:${key}`;
    return [row, `\`${place}\``, `\`${[value].flat().join(',')}\``, reason];
  });
  return markdownTable(['table', 'column', 'value', 'reason'], rows);
}

function meters(): string {
  const rows = Object.entries(METER_KINDS).map(([name, kind]) => [
    `1 + ${METERS_PER_PORT} × port + ${kind}`,
    name,
  ]);
  return markdownTable(['number', 'what it limits'], rows);
}

/** Least and most of what a test adds up for all sizes. */
function securityLoad(): string {
  const loads = [10, 100, 1000].flatMap((ports) => [
    { ports, rules: 1, members: 0 },
    { ports, rules: 100, members: 1000 },
  ]);
  const rows = loads.map((load) => {
    const { flows, unicast, flood } = securityCost(load);
    return [load.ports, load.rules, load.members, flows, unicast, flood].map(String);
  });
  const head = ['ports', 'rules', 'remote members', 'flows', 'lookups, to one', 'lookups, to all'];
  return markdownTable(head, rows);
}

function numbered(head: string, kinds: Readonly<Record<string, number>>): string {
  const rows = Object.entries(kinds).map(([name, value]) => [
    `0x${value.toString(16).padStart(2, '0')}`,
    name,
  ]);
  return markdownTable(['kind', head], rows);
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function fenced(lines: readonly string[]): string {
  return ['```', ...lines, '```'].join('\n');
}
