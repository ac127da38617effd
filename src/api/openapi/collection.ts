/** What the document says of a collection, from the table of its attributes. */
import { type Attribute, type FilterKind, filtersOf } from '../../topology/index.ts';
import type { Collection, JsonObject, Reading, Tie } from '../backend.ts';
import { ANY_OBJECT, listOf, type Operation, objectOf, type Parameter } from './operation.ts';

/** The operations of what is read, by what they do. */
export function readingOperations({ singular, plural, attributes }: Reading) {
  const about = { tag: plural };
  const resource = reference(singular);
  const list: Operation = {
    ...about,
    summary: `Lists ${spaced(plural)}`,
    query: [...filterParameters(attributes), ...LIST_PARAMETERS],
    answer: {
      type: 'object',
      properties: { [plural]: listOf(resource), [`${plural}_links`]: listOf(LINK) },
      required: [plural],
    },
  };
  const show: Operation = {
    ...about,
    summary: `Shows ${article(spaced(singular))}`,
    query: ['fields'],
    answer: objectOf({ [singular]: resource }),
  };
  return { list, show };
}

/** The operations that write a collection, by what they do. */
export function collectionOperations({ singular, plural }: Collection) {
  const about = { tag: plural };
  const one = spaced(singular);
  const resource = reference(singular);
  const shown = objectOf({ [singular]: resource });
  const created = reference(singular, 'Create');
  const several = objectOf({ [plural]: { ...listOf(created), minItems: 1 } });
  const create: Operation = {
    ...about,
    summary: `Creates ${article(one)}, or several in one commit`,
    body: { oneOf: [objectOf({ [singular]: created }), several] },
    status: 201,
    answer: { oneOf: [shown, objectOf({ [plural]: listOf(resource) })] },
  };
  const update: Operation = {
    ...about,
    summary: `Changes ${article(one)}`,
    body: objectOf({ [singular]: reference(singular, 'Update') }),
    answer: shown,
  };
  const remove: Operation = { ...about, summary: `Deletes ${article(one)}`, status: 204 };
  const act = (action: string): Operation => ({
    ...about,
    summary: `${spaced(action)} of ${article(one)}`,
    body: ANY_OBJECT,
    answer: ANY_OBJECT,
  });
  const view = (name: string): Operation => ({
    ...about,
    summary: `${spaced(name)} of ${article(one)}`,
    query: ['fields'],
    answer: ANY_OBJECT,
  });
  const link = (name: string, other: string): Operation => ({
    ...about,
    summary: `Adds to the ${spaced(name)} of ${article(one)}`,
    body: objectOf({ [other]: ANY_OBJECT }),
    status: 201,
    answer: objectOf({ [other]: ANY_OBJECT }),
  });
  const unlink = (name: string): Operation => ({
    ...about,
    summary: `Takes one from the ${spaced(name)} of ${article(one)}`,
    status: 204,
  });
  return { create, update, remove, act, view, link, unlink };
}

/** The operations of a tie, by what they do. */
export function tieOperations({ name, back, member, items, others }: Tie) {
  const about = { tag: items.plural };
  const [item, other] = [spaced(items.singular), spaced(others.singular)];
  const list: Operation = {
    ...about,
    summary: `Lists the ${name} of ${article(item)}`,
    query: ['fields'],
    answer: objectOf({ [others.plural]: listOf(reference(others.singular)) }),
  };
  const listBack: Operation = {
    ...about,
    summary: `Lists the ${back} of ${article(other)}`,
    query: ['fields'],
    answer: objectOf({ [items.plural]: listOf(reference(items.singular)) }),
  };
  const add: Operation = {
    ...about,
    summary: `Adds to the ${name} of ${article(item)}`,
    body: objectOf({ [member]: { type: 'string' } }),
    status: 201,
    answer: { type: 'null' },
  };
  const drop: Operation = {
    ...about,
    summary: `Takes one from the ${name} of ${article(item)}`,
    status: 204,
  };
  return { list, listBack, add, drop };
}

/** The schemas that the operations of a collection refer to, by name. */
export function readingSchemas({ singular, attributes }: Reading): JsonObject {
  const rows = Object.entries(attributes);
  const shown = rows.filter(([, { input }]) => input !== true);
  const created = rows.filter(([, { post }]) => post !== 'never');
  const changed = rows.filter(([, { put }]) => put);
  const required = created.filter(([, { post }]) => post === 'required').map(([name]) => name);
  // The old name of project_id is taken for it, in bodies of both kinds of clients.
  const old = 'project_id' in attributes ? { tenant_id: { type: 'string', deprecated: true } } : {};
  return {
    [schemaName(singular)]: { type: 'object', properties: properties(shown, false) },
    ...(created.length === 0
      ? {}
      : {
          [schemaName(singular, 'Create')]: {
            type: 'object',
            properties: { ...properties(created, true), ...old },
            ...(required.length > 0 ? { required } : {}),
            additionalProperties: false,
          },
          [schemaName(singular, 'Update')]: {
            type: 'object',
            properties: properties(changed, false),
            additionalProperties: false,
          },
        }),
  };
}

const LIST_PARAMETERS = [
  'fields',
  'sort_key',
  'sort_dir',
  'limit',
  'marker',
  'page_reverse',
] as const;

const LINK = objectOf({
  rel: { type: 'string', enum: ['next', 'previous'] },
  href: { type: 'string', format: 'uri' },
});

type Row = readonly [name: string, attribute: Attribute];

function properties(rows: readonly Row[], withDefaults: boolean): JsonObject {
  return Object.fromEntries(
    rows.map(([name, attribute]) => {
      const { initial } = attribute;
      const preset = withDefaults && initial !== undefined ? { default: initial } : {};
      return [name, { ...attribute.read.schema, ...described(attribute), ...preset }];
    }),
  );
}

/** Nobody may think that packets obey what is only kept. */
function described({ about, enforced, post, put }: Attribute): JsonObject {
  const isKept = enforced !== true && (post !== 'never' || put);
  const parts = [about, isKept ? 'stored, packets do not depend on it' : undefined];
  const text = parts.filter((part) => part !== undefined).join('; ');
  return text === '' ? {} : { description: text };
}

/** Several values of one filter are alternatives. */
function filterParameters(attributes: Reading['attributes']): readonly Parameter[] {
  return Object.entries(filtersOf(attributes)).map(([name, kind]) => ({
    name,
    schema: {
      type: 'array',
      items: (typeof kind === 'string' ? FILTER_ITEMS[kind] : undefined) ?? { type: 'string' },
    },
  }));
}

const FILTER_ITEMS: Readonly<Partial<Record<FilterKind, JsonObject>>> = {
  boolean: { type: 'boolean' },
  integer: { type: 'integer' },
  fixed_ips: { type: 'string', pattern: '^(ip_address|subnet_id|ip_address_substr)=' },
};

function reference(singular: string, variant = ''): JsonObject {
  return { $ref: `#/components/schemas/${schemaName(singular, variant)}` };
}

/** `security_group` and `Create` make SecurityGroupCreate. */
function schemaName(singular: string, variant = ''): string {
  const parts = singular.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${parts.join('')}${variant}`;
}

function spaced(name: string): string {
  return name.replaceAll('_', ' ');
}

function article(words: string): string {
  return `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;
}
