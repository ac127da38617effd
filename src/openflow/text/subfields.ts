/** Subfields in text: `NXM_NX_REG0[]`, `NXM_NX_REG0[4..7]`, `reg0[3]`. */
import { fieldByText, fieldOf, type SubField } from '../oxm/index.ts';
import { TextError } from './text-error.ts';

export function formatSubField({ field: name, offset, bits }: SubField): string {
  const field = fieldOf(name);
  if (offset === 0 && bits === field.bits) return `${field.nxm.name}[]`;
  if (bits === 1) return `${field.nxm.name}[${offset}]`;
  return `${field.nxm.name}[${offset}..${offset + bits - 1}]`;
}

export function parseSubField(text: string): SubField {
  const found = findSubField(text);
  if (found === undefined) throw new TextError(`unknown field "${text}"`);
  return found;
}

/** The subfield that a text names; undefined when it names no field at all. */
export function findSubField(text: string): SubField | undefined {
  const [, name = '', range, start, end] =
    /^([A-Za-z]\w*)(\[(?:(\d+)(?:\.\.(\d+))?)?\])?$/.exec(text) ?? [];
  const field = fieldByText(name);
  if (field === undefined) return undefined;
  if (range === undefined || start === undefined) {
    return { field: field.name, offset: 0, bits: field.bits };
  }
  const offset = Number(start);
  const bits = Number(end ?? start) - offset + 1;
  if (bits < 1 || offset + bits > field.bits) {
    throw new TextError(`${field.text} has ${field.bits} bits, not ${text}`);
  }
  return { field: field.name, offset, bits };
}

/** Both sides of `a->b`. */
export function splitArrow(text: string): readonly [string, string] {
  const at = text.indexOf('->');
  if (at < 0) throw new TextError(`missing "->" in "${text}"`);
  return [text.slice(0, at), text.slice(at + 2)];
}
