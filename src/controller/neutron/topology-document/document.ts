/**
 * A topology document as it is read from a body: what a project is to have, by name. Only the shape
 * is looked at here; what stands in attributes is read by the tables of the resources.
 */
import { badRequest, show } from '../../../topology/index.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/** One resource of a document, or what the region has of one, in the words of documents. */
export interface Entry {
  readonly name: string;
  readonly attributes: Attributes;
}

export interface NetworkEntry extends Entry {
  readonly subnets: readonly Entry[] | undefined;
}

export interface GroupEntry extends Entry {
  readonly rules: readonly Attributes[] | undefined;
}

export interface RouterEntry extends Entry {
  /** The subnets that it is in. */
  readonly interfaces: readonly string[] | undefined;
}

/** A collection that is absent is left as it is; one that is there is complete. */
export interface TopologyDocument {
  readonly networks: readonly NetworkEntry[] | undefined;
  readonly security_groups: readonly GroupEntry[] | undefined;
  readonly routers: readonly RouterEntry[] | undefined;
  readonly ports: readonly Entry[] | undefined;
}

const COLLECTIONS = ['networks', 'security_groups', 'routers', 'ports'];

const NAME_LENGTH_MAX = 255;

/** What follows from where an entry stands, or from who puts the document. */
const IMPLIED = ['id', 'name', 'project_id', 'tenant_id', 'tags'];

/** @throws IntentError that says where the body is no document */
export function readDocument(body: unknown): TopologyDocument {
  const given = readObject('The document', body);
  const unknown = Object.keys(given).find((name) => !COLLECTIONS.includes(name));
  if (unknown !== undefined) {
    throw badRequest(`A document has ${COLLECTIONS.join(', ')}, but no '${show(unknown)}'`);
  }
  const of = <E>(name: string, read: (entry: Entry) => E): readonly E[] | undefined =>
    Object.hasOwn(given, name) ? readEntries(name, given[name]).map(read) : undefined;
  return {
    networks: of('networks', readNetwork),
    security_groups: of('security_groups', readGroup),
    routers: of('routers', readRouter),
    ports: of('ports', readPlain('port')),
  };
}

function readNetwork({ name, attributes }: Entry): NetworkEntry {
  const { subnets, ...rest } = attributes;
  const where = `subnets of network '${show(name)}'`;
  return {
    ...readPlain('network')({ name, attributes: rest }),
    subnets:
      subnets === undefined
        ? undefined
        : readEntries(where, subnets).map(readPlain('subnet', ['network_id'])),
  };
}

function readGroup({ name, attributes }: Entry): GroupEntry {
  const { rules, ...rest } = attributes;
  const where = `rules of security group '${show(name)}'`;
  return {
    ...readPlain('security group')({ name, attributes: rest }),
    rules:
      rules === undefined
        ? undefined
        : readList(where, rules).map((rule) => {
            const given = readObject(`Each of the ${where}`, rule);
            return readPlain('rule', ['security_group_id'])({ name, attributes: given }).attributes;
          }),
  };
}

function readRouter({ name, attributes }: Entry): RouterEntry {
  const { interfaces, ...rest } = attributes;
  const where = `interfaces of router '${show(name)}'`;
  return {
    ...readPlain('router')({ name, attributes: rest }),
    interfaces:
      interfaces === undefined
        ? undefined
        : readList(where, interfaces).map((item) => {
            if (typeof item === 'string') return item;
            throw badRequest(`The ${where} are names of subnets, and '${show(item)}' is none`);
          }),
  };
}

function readPlain(kind: string, more: readonly string[] = []): (entry: Entry) => Entry {
  return (entry) => {
    const implied = [...IMPLIED, ...more].find((name) => Object.hasOwn(entry.attributes, name));
    if (implied === undefined) return entry;
    throw badRequest(`The document does not say ${implied} of ${kind} '${show(entry.name)}'`);
  };
}

function readEntries(where: string, value: unknown): readonly Entry[] {
  return Object.entries(readObject(`The ${where}`, value)).map(([name, attributes]) => {
    if (name === '' || name.length > NAME_LENGTH_MAX) {
      throw badRequest(`'${show(name)}' among the ${where} is no name`);
    }
    return { name, attributes: readObject(`'${show(name)}' among the ${where}`, attributes) };
  });
}

function readObject(what: string, value: unknown): Attributes {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Attributes;
  }
  throw badRequest(`${what} must be an object, not '${show(value)}'`);
}

function readList(where: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw badRequest(`The ${where} must be a list, not '${show(value)}'`);
}
