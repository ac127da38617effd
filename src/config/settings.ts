/**
 * The one list of settings: their variables, what they are when nobody sets them, what they mean.
 *
 * Settings are read before the rest of the program is loaded, while the private Redis reads its
 * file (main.ts): what they take from folders is taken from single files.
 */
import { STORM_LIMIT } from '../compiler/settings.ts';
import { HOST_LIMITS } from '../topology/load/host-limits.ts';
import { setting } from './values.ts';

export const SETTINGS = {
  apiListen: setting('HEDDLE_API_LISTEN', '127.0.0.1:9696', 'REST API: HOST:PORT or unix:PATH'),
  ovsdbListen: setting('HEDDLE_OVSDB_LISTEN', '0.0.0.0:6640', 'hosts dial here as OVS managers'),
  openflowListen: setting('HEDDLE_OPENFLOW_LISTEN', '0.0.0.0:6653', 'hosts’ br-int dials here'),
  openflowAdvertise: setting(
    'HEDDLE_OPENFLOW_ADVERTISE',
    '',
    'OpenFlow target given to hosts, as tcp:HOST:PORT (default: where they dialled OVSDB)',
  ),
  dialHosts: setting('HEDDLE_DIAL_HOSTS', '', 'hosts that listen (ptcp), as tcp:HOST:PORT,…'),
  redisUrl: setting('HEDDLE_REDIS_URL', '', 'an existing Redis (default: a private one)'),
  dataDir: setting('HEDDLE_DATA_DIR', '.heddle', 'folder of the private Redis'),
  region: setting('HEDDLE_REGION', 'default', 'prefix of every key in Redis'),
  controllerId: setting('HEDDLE_CONTROLLER_ID', '', 'name of this controller (default: host name)'),
  auditIntervalMs: setting(
    'HEDDLE_AUDIT_INTERVAL_MS',
    '60000',
    'time between full audits of a host',
  ),
  leaseMs: setting('HEDDLE_LEASE_MS', '10000', 'how long the ownership of a host outlives us'),
  auth: setting(
    'HEDDLE_AUTH',
    'none',
    'who may call the REST API: none = everyone who reaches it; tokens, keystone',
  ),
  tokenFile: setting('HEDDLE_TOKEN_FILE', '', 'JSON file of tokens, for --auth tokens'),
  keystoneUrl: setting('HEDDLE_KEYSTONE_URL', '', 'Keystone v3, for --auth keystone and Nova'),
  keystonePublicUrl: setting(
    'HEDDLE_KEYSTONE_PUBLIC_URL',
    '',
    'where clients are sent for tokens (default: HEDDLE_KEYSTONE_URL)',
  ),
  keystoneUser: setting('HEDDLE_KEYSTONE_USER', 'neutron', 'our own user in Keystone'),
  keystonePassword: setting('HEDDLE_KEYSTONE_PASSWORD', '', 'its password'),
  keystonePasswordFile: setting('HEDDLE_KEYSTONE_PASSWORD_FILE', '', 'or the file that has it'),
  keystoneUserDomain: setting(
    'HEDDLE_KEYSTONE_USER_DOMAIN',
    'default',
    'its domain: an id, or name:NAME',
  ),
  keystoneProject: setting('HEDDLE_KEYSTONE_PROJECT', 'service', 'its project'),
  keystoneProjectDomain: setting(
    'HEDDLE_KEYSTONE_PROJECT_DOMAIN',
    'default',
    'the domain of that: an id, or name:NAME',
  ),
  keystoneRevalidateMs: setting(
    'HEDDLE_KEYSTONE_REVALIDATE_MS',
    '30000',
    'how long a token is believed after Keystone vouched for it',
  ),
  keystoneServiceRoles: setting(
    'HEDDLE_KEYSTONE_SERVICE_ROLES',
    'service',
    'roles, any of which makes X-Service-Token a service’s',
  ),
  keystoneV2Listen: setting(
    'HEDDLE_KEYSTONE_V2_LISTEN',
    '',
    'Keystone v2.0 tokens for oVirt: HOST:PORT, as 0.0.0.0:35357 (default: none)',
  ),
  keystoneV2User: setting('HEDDLE_KEYSTONE_V2_USER', '', 'the one user there'),
  keystoneV2Password: setting('HEDDLE_KEYSTONE_V2_PASSWORD', '', 'its password'),
  keystoneV2PasswordFile: setting(
    'HEDDLE_KEYSTONE_V2_PASSWORD_FILE',
    '',
    'or the file that has it',
  ),
  keystoneV2Project: setting('HEDDLE_KEYSTONE_V2_PROJECT', 'default', 'the id of its project'),
  keystoneV2NetworkUrl: setting(
    'HEDDLE_KEYSTONE_V2_NETWORK_URL',
    '',
    'the REST API as clients reach it (default: http:// and where it listens)',
  ),
  novaUrl: setting('HEDDLE_NOVA_URL', '', 'Nova to be told of its ports, as http://HOST:8774/v2.1'),
  metadataUrl: setting(
    'HEDDLE_METADATA_URL',
    '',
    'Nova’s metadata service, as http://HOST:8775 (default: guests are told that there is none)',
  ),
  metadataSecret: setting('HEDDLE_METADATA_SECRET', '', 'its metadata_proxy_shared_secret'),
  metadataSecretFile: setting('HEDDLE_METADATA_SECRET_FILE', '', 'or the file that has it'),
  auditLog: setting(
    'HEDDLE_AUDIT_LOG',
    '',
    'file for the audit of API calls, stderr or off (default: stderr; with --auth none off)',
  ),
  networkLog: setting(
    'HEDDLE_NETWORK_LOG',
    'off',
    'file for logged connections (Neutron’s logging) as JSON lines, stdout or off',
  ),
  listMax: setting('HEDDLE_LIST_MAX', '', 'items on one page of a list (default: no limit)'),
  hostFlowsMax: setting(
    'HEDDLE_HOST_FLOWS_MAX',
    String(HOST_LIMITS.flows.most),
    'flows that one host takes; more are refused',
  ),
  hostClausesMax: setting(
    'HEDDLE_HOST_CLAUSES_MAX',
    String(HOST_LIMITS.clauses.most),
    'remotes that rules of one direction may name on one host',
  ),
  hostLookupsMax: setting(
    'HEDDLE_HOST_LOOKUPS_MAX',
    String(HOST_LIMITS.lookups.most),
    'lookups of one packet on one host; Open vSwitch drops it after 4096',
  ),
  stormControl: setting(
    'HEDDLE_STORM_CONTROL',
    String(STORM_LIMIT.rate),
    'packets a second that a port may broadcast or multicast, as RATE or RATE/BURST, or off',
  ),
  multicastSnooping: setting(
    'HEDDLE_MULTICAST_SNOOPING',
    'on',
    'whether multicast reaches its listeners alone (on), or all ports of its network (off)',
  ),
  multicastQueryMs: setting(
    'HEDDLE_MULTICAST_QUERY_MS',
    '125000',
    'time between questions to guests which multicast groups they listen to',
  ),
  macAgeMs: setting(
    'HEDDLE_MAC_AGE_MS',
    '300000',
    'how long a MAC address behind a MAC-learning port is known after its last packet',
  ),
  ratePerProject: setting(
    'HEDDLE_RATE_PER_PROJECT',
    '',
    'requests a second of each project, as RATE or RATE/BURST (default: no limit)',
  ),
  dnsDomain: setting(
    'HEDDLE_DNS_DOMAIN',
    'openstacklocal.',
    'domain of the names of ports; any other than this lets ports have names, which DNS answers',
  ),
  logLevel: setting('HEDDLE_LOG_LEVEL', 'info', 'debug, info, warn, error or silent'),
  logFile: setting('HEDDLE_LOG_FILE', '', 'file for log lines (default: standard error)'),
} as const;

export type Name = keyof typeof SETTINGS;
