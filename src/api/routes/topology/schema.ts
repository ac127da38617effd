/** What the description says of documents and plans; attributes are those of the resources. */
import {
  type Attribute,
  type AttributeTable,
  NETWORK_ATTRIBUTES,
  PORT_ATTRIBUTES,
  ROUTER_ATTRIBUTES,
  SECURITY_GROUP_ATTRIBUTES,
  SECURITY_GROUP_RULE_ATTRIBUTES,
  SUBNET_ATTRIBUTES,
} from '../../../topology/index.ts';
import type { JsonObject } from '../../backend.ts';
import { listOf, objectOf } from '../../openapi/operation.ts';

const TEXT: JsonObject = { type: 'string' };

/** Said by where an entry stands, or by who puts the document. */
const IMPLIED = ['name', 'project_id', 'tags', 'network_id', 'security_group_id'];

function attributesOf(table: AttributeTable, words: JsonObject = {}): JsonObject {
  const isSaid = ([name, { post, put }]: [string, Attribute]): boolean =>
    !IMPLIED.includes(name) && (post !== 'never' || put);
  const schemas = Object.entries(table)
    .filter(isSaid)
    .map(([name, { read }]) => [name, read.schema]);
  return { type: 'object', properties: { ...Object.fromEntries(schemas), ...words } };
}

/** By name. The example stands for names of the reader's own. */
function named(entry: JsonObject, example: string): JsonObject {
  return { type: 'object', properties: { [example]: entry }, additionalProperties: entry };
}

const ADDRESSES = listOf({ type: 'object', properties: { subnet: TEXT, ip_address: TEXT } });

const GATEWAY = {
  type: ['object', 'null'],
  properties: {
    network: TEXT,
    enable_snat: { type: 'boolean' },
    external_fixed_ips: ADDRESSES,
  },
};

const RULE = attributesOf(SECURITY_GROUP_RULE_ATTRIBUTES, { remote_group: TEXT });

export const DOCUMENT_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    networks: named(
      attributesOf(NETWORK_ATTRIBUTES, {
        subnets: named(attributesOf(SUBNET_ATTRIBUTES), 'web-v4'),
      }),
      'web',
    ),
    security_groups: named(
      attributesOf(SECURITY_GROUP_ATTRIBUTES, { rules: listOf(RULE) }),
      'front',
    ),
    routers: named(
      attributesOf(ROUTER_ATTRIBUTES, {
        external_gateway_info: GATEWAY,
        interfaces: listOf(TEXT),
      }),
      'edge',
    ),
    ports: named(
      attributesOf(PORT_ATTRIBUTES, {
        network: TEXT,
        fixed_ips: ADDRESSES,
        security_groups: listOf(TEXT),
      }),
      'web-1',
    ),
  },
};

const CHANGE: JsonObject = { type: 'object', properties: { from: {}, to: {} } };

export const PLAN_SCHEMA: JsonObject = objectOf({
  revision: { type: ['integer', 'null'], description: 'null: nothing was committed' },
  dry_run: { type: 'boolean' },
  plan: listOf({
    type: 'object',
    properties: {
      action: { type: 'string', enum: ['create', 'update', 'delete'] },
      kind: TEXT,
      name: TEXT,
      id: TEXT,
      attributes: { type: 'object', additionalProperties: CHANGE },
    },
    required: ['action', 'kind', 'name'],
  }),
});
