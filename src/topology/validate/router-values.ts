/** Readers of the structured attributes of routers, with Neutron's refusals. */
import { formatCidr, isLoopback, parseCidr } from '../address.ts';
import type { HostRoute } from '../subnet.ts';
import { type FixedIpRequest, readFixedIps } from './port-values.ts';
import {
  boolean,
  distinct,
  exactly,
  FREE_OBJECT,
  ipAddress,
  isObject,
  list,
  nullAs,
  nullable,
  orNull,
  type Read,
  Rejected,
  reader,
  show,
  text,
  uuid,
} from './values.ts';

/** The gateway that a request asks for. */
export interface GatewayRequest {
  readonly network_id: string;
  /** Left out: true, whatever it was before. */
  readonly enable_snat?: boolean;
  /** Left out or empty: addresses are chosen. */
  readonly external_fixed_ips?: readonly FixedIpRequest[];
  /** Left out: what it was before. */
  readonly qos_policy_id?: string | null;
}

const GATEWAY_SCHEMA = orNull({
  type: 'object',
  properties: {
    network_id: uuid.schema,
    enable_snat: boolean.schema,
    external_fixed_ips: readFixedIps.schema,
    qos_policy_id: orNull(uuid.schema),
  },
});

const uuidOrNull = nullable(uuid);

/** Null for no gateway, which an empty object or list also says. */
export const readGateway: Read<GatewayRequest | null> = reader(GATEWAY_SCHEMA, (value) => {
  if (value === null || (Array.isArray(value) && value.length === 0)) return null;
  if (!isObject(value)) throw new Rejected(`'${show(value)}' is not a dictionary`);
  const { network_id: network, enable_snat, external_fixed_ips, qos_policy_id, ...others } = value;
  const keys = Object.keys(value);
  if (keys.length === 0) return null;
  if (network === undefined) {
    const found = `Expected keys: ['network_id'] Provided keys: ['${show(keys.join("', '"))}']`;
    throw new Rejected(`Validation of dictionary's keys failed. ${found}`);
  }
  const unexpected = Object.keys(others);
  if (unexpected.length > 0) {
    throw new Rejected(`Unexpected keys supplied: ${show(unexpected.join(', '))}`);
  }
  return {
    network_id: uuid(network),
    ...(enable_snat === undefined ? {} : { enable_snat: boolean(enable_snat) }),
    ...(external_fixed_ips === undefined
      ? {}
      : { external_fixed_ips: readFixedIps(external_fixed_ips) }),
    ...(qos_policy_id === undefined ? {} : { qos_policy_id: uuidOrNull(qos_policy_id) }),
  };
});

/** The network of a route: unlike a subnet's, it must be written with its host bits zero. */
const routeCidr: Read<string> = reader({ type: 'string' }, (value) => {
  const range = typeof value === 'string' ? parseCidr(value) : undefined;
  if (range === undefined) throw new Rejected(`'${show(value)}' is not a valid CIDR`);
  const [address = ''] = String(value).split('/');
  if (formatCidr(range) !== `${ipAddress(address)}/${range.prefix}`) {
    const better = `'${formatCidr(range)}' is recommended`;
    throw new Rejected(`'${show(value)}' is not a recognized CIDR, ${better}`);
  }
  if (isLoopback(range.first)) throw new Rejected(`'${show(value)}' is not a routable CIDR`);
  return formatCidr(range);
});

const readRoute = exactly<HostRoute>({ destination: routeCidr, nexthop: ipAddress });

export const readRoutes: Read<readonly HostRoute[]> = nullAs(
  [],
  distinct('hostroute', list('hostroute', readRoute)),
);

/** Neutron keeps the hints in one column. */
const ZONES_LENGTH_MAX = 255;

export const readZones: Read<readonly string[]> = reader(
  list('zone', text(255)).schema,
  (value) => {
    if (!Array.isArray(value)) throw new Rejected(`'${show(value)}' is not a list`);
    const zones = list('availability zone', text(255))(value);
    const twice = zones.find((zone, at) => zones.indexOf(zone) !== at);
    if (twice !== undefined) throw new Rejected(`Duplicate items in the list: '${show(twice)}'`);
    if (JSON.stringify(zones).length > ZONES_LENGTH_MAX) {
      throw new Rejected('Too many availability_zone_hints specified');
    }
    return zones;
  },
);

export const CONNTRACK_SCHEMA = { type: 'array', items: FREE_OBJECT } as const;
