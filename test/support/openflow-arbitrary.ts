/** Random messages of every type that has a codec, in the canonical form that decoding gives. */
import fc from 'fast-check';
import type { Action } from '../../src/openflow/actions/index.ts';
import type { Instruction } from '../../src/openflow/instructions.ts';
import { instructionBytes } from '../../src/openflow/instructions.ts';
import {
  type Bucket,
  bucketBytes,
  FlowDesc,
  type FlowStats,
  type KnownMultipartReply,
  type KnownMultipartRequest,
  type Message,
  type MeterBand,
  type Port,
} from '../../src/openflow/messages/index.ts';
import { type Match, matchBytes } from '../../src/openflow/oxm/index.ts';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u48 = fc.integer({ min: 0, max: 0xffff_ffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
const name = fc.string({ maxLength: 15, unit: 'grapheme-ascii' });
const text = fc.string({ maxLength: 31, unit: 'grapheme-ascii' });

/** An optional field is left out, not undefined: that is how decoders give it. */
function some<T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { requiredKeys: [] }) as unknown as fc.Arbitrary<T>;
}

const masked = fc
  .tuple(fc.integer({ min: 1, max: 0xffff_fffe }), u32)
  .map(([mask, value]) => ({ value: (value & mask) >>> 0, mask }));

const match: fc.Arbitrary<Match> = fc.oneof(
  fc.constant({}),
  some<Match>({ in_port: u32, tun_id: u64, metadata: u64, reg0: fc.oneof(u32, masked), reg5: u32 }),
  fc.record({ eth_type: fc.constant(0x0800), ip_src: u32, ip_dst: fc.oneof(u32, masked) }),
  fc.record({ eth_dst: u48, eth_type: fc.constant(0x86dd), ip_proto: fc.constant(58) }),
);

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant('output' as const), port: fc.integer({ min: 1, max: 0xfeff }) }),
  fc.record({ type: fc.constant('group' as const), groupId: u32 }),
  fc.record({ type: fc.constant('set_field' as const), field: fc.constant('reg1'), value: u32 }),
);
const actions = fc.array(action, { maxLength: 4 });
/** An instruction without actions is left out of a canonical list. */
const someActions = fc.array(action, { minLength: 1, maxLength: 4 });

const instructions: fc.Arbitrary<Instruction[]> = fc.oneof(
  fc.constant<Instruction[]>([]),
  fc.tuple(
    someActions.map((list) => ({ type: 'apply_actions' as const, actions: list })),
    fc.integer({ min: 1, max: 0xfe }).map((table) => ({ type: 'goto_table' as const, table })),
  ),
);

const unknownProperties = fc.array(
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.integer({ min: 0x100, max: 0xffff }),
    bytes,
  }),
  { maxLength: 2 },
);

const stats: fc.Arbitrary<FlowStats> = some<FlowStats>({
  duration: fc.record({ seconds: u32, nanoseconds: u32 }),
  idle: fc.record({ seconds: u32, nanoseconds: u32 }),
  flowCount: u32,
  packetCount: u64,
  byteCount: u64,
});

const bucket: fc.Arbitrary<Bucket> = fc
  .tuple(
    fc.record({ bucketId: u32, actions }),
    some({ weight: u16, watchPort: u32, watchGroup: u32 }),
    fc.oneof(fc.constant([]), unknownProperties),
  )
  .map(([fixed, known, properties]) => {
    return { ...fixed, ...known, ...(properties.length > 0 ? { properties } : {}) };
  });

const band: fc.Arbitrary<MeterBand> = fc.oneof(
  fc.record({ type: fc.constant('drop' as const), rate: u32, burstSize: u32 }),
  fc.record({
    type: fc.constant('dscp_remark' as const),
    rate: u32,
    burstSize: u32,
    precedenceLevel: u8,
  }),
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.integer({ min: 3, max: 0xffff }),
    rate: u32,
    burstSize: u32,
    bytes,
  }),
);
const bands = fc.array(band, { maxLength: 3 });

const port: fc.Arbitrary<Port> = fc.record({
  portNumber: u32,
  hardwareAddress: u48,
  name,
  config: u32,
  state: u32,
  properties: fc.oneof(
    unknownProperties,
    fc
      .record({
        type: fc.constant('ethernet' as const),
        current: u32,
        advertised: u32,
        supported: u32,
        peer: u32,
        currentSpeed: u32,
        maximumSpeed: u32,
      })
      .map((ethernet) => [ethernet]),
  ),
});

const flow = fc
  .tuple(
    fc.record({
      tableId: u8,
      priority: u16,
      idleTimeout: u16,
      hardTimeout: u16,
      flags: u16,
      importance: u16,
      cookie: u64,
      stats,
    }),
    match,
    instructions,
  )
  .map(([fixed, m, i]) => {
    const raw = { rawMatch: matchBytes(m), rawInstructions: instructionBytes(i) };
    return new FlowDesc(fixed, { ...raw, stats: fixed.stats });
  });

const groupType = fc.constantFrom('all', 'select', 'indirect', 'fast_failover');

type Tagged = { readonly type: string };
type ByType<U extends Tagged> = {
  readonly [T in U['type']]: fc.Arbitrary<Omit<Extract<U, { type: T }>, 'type'>>;
};

const none = fc.constant({});
const flowFilter = fc.record({
  tableId: u8,
  outPort: u32,
  outGroup: u32,
  cookie: u64,
  cookieMask: u64,
  match,
});

const multipartRequests: ByType<KnownMultipartRequest> = {
  OFPMP_DESC: none,
  OFPMP_FLOW_DESC: flowFilter,
  OFPMP_AGGREGATE_STATS: flowFilter,
  OFPMP_TABLE_STATS: none,
  OFPMP_GROUP_DESC: fc.record({ groupId: u32 }),
  OFPMP_METER_CONFIG: fc.record({ meterId: u32 }),
  OFPMP_PORT_DESC: fc.record({ portNumber: u32 }),
};

const multipartReplies: ByType<KnownMultipartReply> = {
  OFPMP_DESC: fc.record({
    manufacturer: text,
    hardware: text,
    software: text,
    serialNumber: text,
    datapath: text,
  }),
  OFPMP_FLOW_DESC: fc.record({ flows: fc.array(flow, { maxLength: 4 }) }),
  OFPMP_AGGREGATE_STATS: fc.record({ stats }),
  OFPMP_TABLE_STATS: fc.record({
    tables: fc.array(
      fc.record({ tableId: u8, activeCount: u32, lookupCount: u64, matchedCount: u64 }),
      { maxLength: 4 },
    ),
  }),
  OFPMP_GROUP_DESC: fc.record({
    groups: fc.array(
      fc.record({
        groupId: u32,
        groupType,
        buckets: fc.array(bucket.map(bucketBytes), { maxLength: 3 }),
        properties: unknownProperties,
      }),
      { maxLength: 3 },
    ),
  }),
  OFPMP_METER_CONFIG: fc.record({
    meters: fc.array(fc.record({ meterId: u32, flags: u16, bands }), { maxLength: 3 }),
  }),
  OFPMP_PORT_DESC: fc.record({ ports: fc.array(port, { maxLength: 3 }) }),
};

const unknownBody = fc.record({ code: fc.integer({ min: 100, max: 0xffff }), bytes });
const role = fc.constantFrom(
  'OFPCR_ROLE_NOCHANGE',
  'OFPCR_ROLE_EQUAL',
  'OFPCR_ROLE_MASTER',
  'OFPCR_ROLE_SLAVE',
);
const roleBody = fc.record({ role, generationId: u64 });
const configBody = fc.record({ flags: u16, missSendLength: u16 });
const asyncBody = fc.record({
  masks: fc.array(
    fc.record({
      property: fc.constantFrom('OFPACPT_PACKET_IN_SLAVE', 'OFPACPT_ROLE_STATUS_SLAVE'),
      mask: u32,
    }),
    { maxLength: 4 },
  ),
});

const innerMessage = bytes.map((body) => {
  const header = Buffer.from([6, 14, 0, 8 + body.length, 0, 0, 0, 0]);
  return Buffer.concat([header, body]);
});

/** One a type: a message without an arbitrary does not compile. */
const MESSAGES: ByType<Message> = {
  OFPT_HELLO: fc.record({
    versions: fc
      .uniqueArray(fc.integer({ min: 0, max: 95 }))
      .map((versions) => versions.toSorted((a, b) => a - b)),
  }),
  OFPT_ERROR: fc.oneof(
    fc.record({ errorType: fc.integer({ min: 0, max: 0xfffe }), code: u16, data: bytes }),
    fc.record({ errorType: fc.constant(0xffff), code: u16, experimenter: u32, data: bytes }),
  ),
  OFPT_ECHO_REQUEST: fc.record({ data: bytes }),
  OFPT_ECHO_REPLY: fc.record({ data: bytes }),
  OFPT_FEATURES_REQUEST: none,
  OFPT_FEATURES_REPLY: fc.record({
    datapathId: u64,
    bufferCount: u32,
    tableCount: u8,
    auxiliaryId: u8,
    capabilities: u32,
    reserved: u32,
  }),
  OFPT_GET_CONFIG_REQUEST: none,
  OFPT_GET_CONFIG_REPLY: configBody,
  OFPT_SET_CONFIG: configBody,
  OFPT_PACKET_IN: fc.record({
    bufferId: u32,
    totalLength: u16,
    reason: u8,
    tableId: u8,
    cookie: u64,
    match,
    data: bytes,
  }),
  OFPT_FLOW_REMOVED: fc.record({
    tableId: u8,
    reason: fc.constantFrom('OFPRR_IDLE_TIMEOUT', 'OFPRR_DELETE', 'OFPRR_EVICTION'),
    priority: u16,
    idleTimeout: u16,
    hardTimeout: u16,
    cookie: u64,
    match,
    stats,
  }),
  OFPT_PORT_STATUS: fc.record({
    reason: fc.constantFrom('OFPPR_ADD', 'OFPPR_DELETE', 'OFPPR_MODIFY'),
    port,
  }),
  OFPT_PACKET_OUT: fc.record({ bufferId: u32, match, actions, data: bytes }),
  OFPT_FLOW_MOD: fc.record({
    cookie: u64,
    cookieMask: u64,
    tableId: u8,
    command: fc.constantFrom('OFPFC_ADD', 'OFPFC_MODIFY_STRICT', 'OFPFC_DELETE'),
    idleTimeout: u16,
    hardTimeout: u16,
    priority: u16,
    bufferId: u32,
    outPort: u32,
    outGroup: u32,
    flags: u16,
    importance: u16,
    match,
    instructions,
  }),
  OFPT_GROUP_MOD: fc.record({
    command: fc.constantFrom('OFPGC_ADD', 'OFPGC_REMOVE_BUCKET', 'OFPGC_ADD_OR_MOD'),
    groupType,
    groupId: u32,
    commandBucketId: u32,
    buckets: fc.array(bucket, { maxLength: 3 }),
    properties: unknownProperties,
  }),
  OFPT_MULTIPART_REQUEST: fc.record({ more: fc.boolean(), body: union(multipartRequests) }),
  OFPT_MULTIPART_REPLY: fc.record({ more: fc.boolean(), body: union(multipartReplies) }),
  OFPT_BARRIER_REQUEST: none,
  OFPT_BARRIER_REPLY: none,
  OFPT_ROLE_REQUEST: roleBody,
  OFPT_ROLE_REPLY: roleBody,
  OFPT_ROLE_STATUS: fc.record({
    role,
    reason: fc.constantFrom('OFPCRR_MASTER_REQUEST', 'OFPCRR_CONFIG'),
    generationId: u64,
  }),
  OFPT_GET_ASYNC_REQUEST: none,
  OFPT_GET_ASYNC_REPLY: asyncBody,
  OFPT_SET_ASYNC: asyncBody,
  OFPT_METER_MOD: fc.record({
    command: fc.constantFrom('OFPMC_ADD', 'OFPMC_MODIFY', 'OFPMC_DELETE'),
    flags: u16,
    meterId: u32,
    bands,
  }),
  OFPT_BUNDLE_CONTROL: fc.record({
    bundleId: u32,
    control: fc.constantFrom('OFPBCT_OPEN_REQUEST', 'OFPBCT_COMMIT_REPLY'),
    flags: u16,
    properties: unknownProperties,
  }),
  OFPT_BUNDLE_ADD_MESSAGE: fc.record({ bundleId: u32, flags: u16, inner: innerMessage }),
  NXT_SET_PACKET_IN_FORMAT: fc.record({ format: u32 }),
  NXT_SET_CONTROLLER_ID: fc.record({ controllerId: u16 }),
  NXT_CT_FLUSH_ZONE: fc.record({ zone: u16 }),
  NXT_PACKET_IN2: some({
    packet: bytes,
    fullLength: u32,
    bufferId: u32,
    tableId: u8,
    cookie: u64,
    reason: u8,
    metadata: match,
    userdata: bytes,
    continuation: bytes,
  }),
  unknown: fc.record({ code: fc.integer({ min: 40, max: 0xff }), bytes }),
};

/** Any message. */
export const message: fc.Arbitrary<Message> = fc.oneof(...Object.values(tagged(MESSAGES)));

function union<U extends Tagged>(table: ByType<U>): fc.Arbitrary<U | UnknownBody> {
  const unknown = unknownBody.map((body): UnknownBody => ({ type: 'unknown', ...body }));
  return fc.oneof(...(Object.values(tagged(table)) as fc.Arbitrary<U>[]), unknown);
}

interface UnknownBody {
  readonly type: 'unknown';
  readonly code: number;
  readonly bytes: Buffer;
}

function tagged<U extends Tagged>(table: ByType<U>): Record<string, fc.Arbitrary<U>> {
  const entries = Object.entries(table) as [string, fc.Arbitrary<object>][];
  return Object.fromEntries(
    entries.map(([type, body]) => [type, body.map((fields) => ({ type, ...fields }) as U)]),
  );
}
