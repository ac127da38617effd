/** Readers of DNS names (RFC 1123 section 2.1), with Neutron's refusals (neutron-lib, `dns`). */
import { invalidInput } from '../intent-error.ts';
import { type Read, Rejected, reader, show } from './values.ts';

const FQDN_LENGTH_MAX = 255;
const LABEL = /^[a-z0-9-]{1,63}$/;

/** A host's name, with or without its domain (a final dot). Kept in lower case. */
export const dnsHostName: Read<string> = reader(nameSchema(), (value) => {
  const name = lowerCase(value);
  if (name !== '') checkLabels(name, FQDN_LENGTH_MAX + Number(name.endsWith('.')));
  return name;
});

/** A name within a domain: no final dot, and room for a domain behind it. Kept in lower case. */
export const dnsName: Read<string> = reader(nameSchema(), (value) => {
  const name = lowerCase(value);
  if (name === '') return name;
  if (name.endsWith('.')) {
    throw new Rejected(`'${show(name)}' is a FQDN. It should be a relative domain name`);
  }
  checkLabels(name, FQDN_LENGTH_MAX - 3);
  return name;
});

/** A domain, with its final dot. Kept in lower case. */
export const dnsDomain: Read<string> = reader(nameSchema(), (value) => {
  const name = lowerCase(value);
  if (name === '') return name;
  if (!name.endsWith('.')) throw new Rejected(`'${show(name)}' is not a FQDN`);
  checkLabels(name, FQDN_LENGTH_MAX - 2);
  return name;
});

function nameSchema() {
  return { type: 'string', maxLength: FQDN_LENGTH_MAX } as const;
}

function lowerCase(value: unknown): string {
  if (typeof value !== 'string') {
    throw invalidInput(`Input value ${show(value)} must be string type`);
  }
  return value.toLowerCase();
}

function checkLabels(name: string, lengthMax: number): void {
  const reason = name.length > lengthMax ? `exceeds ${lengthMax} characters` : wrongLabel(name);
  if (reason === undefined) return;
  throw new Rejected(`'${show(name)}' not a valid PQDN or FQDN. Reason: ${reason}`);
}

function wrongLabel(name: string): string | undefined {
  const labels = name.replace(/\.$/, '').split('.');
  for (const label of labels) {
    if (label === '') return 'Encountered an empty component';
    if (/^-|-$/.test(label)) return `Name '${show(label)}' must not start or end with a hyphen`;
    if (!LABEL.test(label)) {
      const rule = 'each of which can only be alphanumeric or a hyphen';
      return `Name '${show(label)}' must be 1-63 characters long, ${rule}`;
    }
  }
  const last = labels.at(-1) ?? '';
  if (labels.length > 1 && /^\d+$/.test(last)) return `TLD '${last}' must not be all numeric`;
  return undefined;
}
