/**
 * Random matches, actions and instructions in canonical form, from the rows of the fields: any at
 * all for the codec, and such as Open vSwitch accepts for the comparison with the real thing.
 */
import fc from 'fast-check';
import type {
  Action,
  ControllerAction,
  CtAction,
  LearnAction,
  LearnSpec,
  NatAction,
  ResubmitAction,
} from '../../src/openflow/actions/index.ts';
import { OFPP } from '../../src/openflow/constants.ts';
import type { Instruction } from '../../src/openflow/instructions.ts';
import {
  and,
  FIELDS,
  type Field,
  type FieldName,
  fieldOf,
  type Match,
  type SubField,
  type Value,
} from '../../src/openflow/oxm/index.ts';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const yes = fc.constant(true as const);
const table = fc.integer({ min: 0, max: 0xfe });
const port = fc.integer({ min: 1, max: 0xfeff });
const bytes = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => Buffer.from(array));

/** An object of a type with some members that it must have and others that it may lack. */
function shape<T extends { readonly type: string }>(
  type: T['type'],
  must: { [K in keyof T]?: fc.Arbitrary<T[K]> },
  may: { [K in keyof T]?: fc.Arbitrary<NonNullable<T[K]>> } = {},
): fc.Arbitrary<T> {
  const model = { type: fc.constant(type), ...must, ...may };
  const requiredKeys = ['type', ...Object.keys(must)];
  return fc.record(model as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys,
  }) as unknown as fc.Arbitrary<T>;
}

// Values and masks.

function exactValue(field: Field): fc.Arbitrary<Value> {
  const max = field.name === 'nw_tos' ? 63 : field.max;
  const any: fc.Arbitrary<Value> = field.wide
    ? fc.bigInt({ min: 0n, max: max as bigint })
    : fc.integer({ min: 0, max: max as number });
  const value = fc.oneof({ weight: 3, arbitrary: any }, fc.constant(field.wide ? 0n : 0));
  if (field.name === 'nw_tos') return value.map((v) => (v as number) * 4);
  if (field.name === 'nxm_in_port') return port;
  return value;
}

/** A mask that is neither all ones nor zero, with a value inside it. */
function maskedValue(field: Field): fc.Arbitrary<{ value: Value; mask: Value }> {
  return fc
    .tuple(maskOf(field), exactValue(field))
    .map(([mask, value]) => ({ value: and(value, mask), mask }));
}

function maskOf(field: Field): fc.Arbitrary<Value> {
  const top = field.onlyBits ?? field.max;
  if (typeof top === 'number') {
    return fc.integer({ min: 1, max: field.onlyBits === undefined ? top - 1 : top });
  }
  const mask = fc.bigInt({ min: 1n, max: top - 1n });
  // ovs-ofctl takes a mask such as 8e4b::/… for the prefix length 8: begin with a letter.
  return field.format === 'ipv6' ? mask.map((m) => m | (0xfn << 124n)) : mask;
}

function content(field: Field): fc.Arbitrary<unknown> {
  if (field.onlyBits !== undefined) return maskedValue(field);
  if (field.name === 'packet_type') return fc.integer({ min: 1, max: 0xffff_ffff });
  return field.maskable ? fc.oneof(exactValue(field), maskedValue(field)) : exactValue(field);
}

// Matches.

const CANONICAL = FIELDS.filter((field) => !field.view);
/** Of tun_flags a masked value prints like an exact one. */
const SETTABLE = FIELDS.filter(({ readOnly, name }) => !readOnly && name !== 'tun_flags');

function matchOf(fields: readonly Field[]): fc.Arbitrary<Match> {
  return fc
    .subarray([...fields], { maxLength: 12 })
    .chain((some) =>
      fc.record(Object.fromEntries(some.map((field) => [field.name, content(field)]))),
    ) as unknown as fc.Arbitrary<Match>;
}

/** OXM fields that nobody knows: class 0x7fff. */
const unknownField = bytes(0, 20).map((payload) =>
  Buffer.concat([Buffer.from([0x7f, 0xff, 0x02, payload.length]), payload]),
);

export const anyMatch: fc.Arbitrary<Match> = fc
  .tuple(matchOf(CANONICAL), fc.array(unknownField, { maxLength: 2 }))
  .map(([match, unknown]) => (unknown.length === 0 ? match : { ...match, unknown }));

// Subfields.

function subFieldOf(fields: readonly Field[], maxBits = 64): fc.Arbitrary<SubField> {
  return fc
    .constantFrom(...fields)
    .chain((field) =>
      fc
        .integer({ min: 1, max: Math.min(field.bits, maxBits) })
        .chain((bits) =>
          fc
            .integer({ min: 0, max: field.bits - bits })
            .map((offset) => ({ field: field.name, offset, bits })),
        ),
    );
}

/** A subfield of exactly so many bits. */
function subFieldOfBits(fields: readonly Field[], bits: number): fc.Arbitrary<SubField> {
  const wide = fields.filter((field) => field.bits >= bits);
  return fc
    .constantFrom(...wide)
    .chain((field) =>
      fc
        .integer({ min: 0, max: field.bits - bits })
        .map((offset) => ({ field: field.name, offset, bits })),
    );
}

// Actions. What they may name is a parameter, so that Open vSwitch can be asked too.

interface Vocabulary {
  readonly readable: readonly Field[];
  readonly settable: readonly Field[];
  /** The family of the packets, for ct and nat; undefined where there is none. */
  readonly family: 4 | 6 | undefined;
}

function setField({ settable }: Vocabulary): fc.Arbitrary<Action> {
  return fc.constantFrom(...settable).chain((field): fc.Arbitrary<Action> => {
    const plain = exactValue(field).map(
      (value): Action => ({ type: 'set_field', field: field.name, value }),
    );
    if (!field.maskable || field.onlyBits !== undefined) return plain;
    const masked = maskedValue(field).map(
      ({ value, mask }): Action => ({ type: 'set_field', field: field.name, value, mask }),
    );
    return fc.oneof(plain, masked);
  });
}

function move({ readable, settable }: Vocabulary): fc.Arbitrary<Action> {
  return subFieldOf(settable).chain((destination) =>
    subFieldOfBits(readable, destination.bits).map(
      (source): Action => ({ type: 'move', source, destination }),
    ),
  );
}

function learnSpec({ readable, settable }: Vocabulary): fc.Arbitrary<LearnSpec> {
  const matchable = readable.filter(({ name }) => name !== 'nxm_in_port');
  const destinations = fc.oneof(
    subFieldOf(matchable).map((destination) => ({ type: 'match' as const, destination })),
    subFieldOf(settable).map((destination) => ({ type: 'load' as const, destination })),
  );
  const copying = destinations.chain(({ type, destination }) => {
    const { bits, field } = destination;
    const constant = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
    // A constant for a whole field is printed in its format, which not every value has.
    const whole = bits === fieldOf(field).bits;
    const source =
      whole && type === 'match'
        ? constant.map((v) => v & 0x3n & BigInt(fieldOf(field).max))
        : constant;
    return fc
      .oneof(subFieldOfBits(readable, bits), source)
      .map((from): LearnSpec => ({ type, source: from, destination }));
  });
  const output = subFieldOf(readable, 16).map((source): LearnSpec => ({ type: 'output', source }));
  return fc.oneof({ weight: 4, arbitrary: copying }, output);
}

function learn(vocabulary: Vocabulary): fc.Arbitrary<Action> {
  const time = fc.integer({ min: 1, max: 0xffff });
  const bit = subFieldOf(vocabulary.settable, 1);
  return shape<LearnAction>(
    'learn',
    { table, priority: u16, specs: fc.array(learnSpec(vocabulary), { maxLength: 4 }) },
    {
      idleTimeout: time,
      hardTimeout: time,
      finIdleTimeout: time,
      finHardTimeout: time,
      cookie: fc.bigInt({ min: 1n, max: 0xffff_ffff_ffff_ffffn }),
      sendFlowRemoved: yes,
      deleteLearned: yes,
      limit: fc.integer({ min: 1, max: 0x7fff_ffff }),
      resultDestination: bit,
    },
  );
}

function range<T extends number | bigint>(
  value: fc.Arbitrary<T>,
): fc.Arbitrary<{ min: T; max?: T }> {
  return fc.oneof(
    value.map((min) => ({ min })),
    fc
      .tuple(value, value)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => (a < b ? { min: a, max: b } : { min: b, max: a })),
  );
}

function nat(family: 4 | 6): fc.Arbitrary<NatAction> {
  const ipv4 = range(fc.integer({ min: 1, max: 0xffff_ffff }));
  const ipv6 = range(fc.bigInt({ min: 1n, max: (1n << 128n) - 1n }));
  const ports = range(fc.integer({ min: 1, max: 0xffff }));
  const direction = fc.constantFrom('src' as const, 'dst' as const);
  const may = { persistent: yes, algorithm: fc.constantFrom('hash' as const, 'random' as const) };
  const addresses = family === 4 ? { ipv4 } : { ipv6 };
  return fc.oneof(
    fc.constant<NatAction>({ type: 'nat' }),
    // With flags but without addresses Open vSwitch keeps the flags and does not print them.
    shape<NatAction>('nat', { direction }),
    shape<NatAction>('nat', { direction, ...addresses }, { ports, ...may }),
  );
}

function ct({ readable, family = 4 }: Vocabulary): fc.Arbitrary<Action> {
  const label = FIELDS.filter(({ name }) => name === 'ct_mark' || name === 'ct_label');
  const inside = fc.oneof(
    setField({ readable, settable: label, family }),
    move({ readable, settable: label, family }),
    nat(family),
  );
  const zone = fc.oneof(fc.integer({ min: 1, max: 0xffff }), subFieldOfBits(readable, 16));
  return fc.oneof(
    shape<CtAction>('ct', {}, { zone, table }),
    shape<CtAction>(
      'ct',
      { commit: yes },
      { force: yes, zone, table, actions: fc.array(inside, { minLength: 1, maxLength: 3 }) },
    ),
  );
}

const controller = shape<ControllerAction>(
  'controller',
  { userdata: bytes(1, 30) },
  {
    maxLength: fc.integer({ min: 0, max: 0xfffe }),
    controllerId: fc.integer({ min: 1, max: 0xffff }),
    reason: fc.constantFrom(0, 2, 3, 4, 5),
    pause: yes,
    meterId: fc.integer({ min: 1, max: 0xffff }),
  },
);

const resubmit = fc.oneof(
  shape<ResubmitAction>('resubmit', { table }, { port, withCt: fc.constant(true) }),
  port.map((p): Action => ({ type: 'resubmit', port: p })),
);

const conjunction = fc
  .tuple(u32, fc.integer({ min: 2, max: 64 }))
  .chain(([id, clauses]) =>
    fc
      .integer({ min: 1, max: clauses })
      .map((clause): Action => ({ type: 'conjunction', id, clause, clauses })),
  );

const note = fc
  .integer({ min: 0, max: 3 })
  .chain((words) => bytes(6 + 8 * words, 6 + 8 * words))
  .map((content): Action => ({ type: 'note', bytes: content }));

const output = fc.oneof(
  port.map((number): Action => ({ type: 'output', port: number })),
  fc
    .constantFrom(OFPP.IN_PORT, OFPP.LOCAL, OFPP.NORMAL, OFPP.FLOOD, OFPP.ALL)
    .map((number): Action => ({ type: 'output', port: number })),
  fc
    .integer({ min: 0, max: 0xfffe })
    .map((maxLength): Action => ({ type: 'output', port: OFPP.CONTROLLER, maxLength })),
);

/** Actions that need nothing of the packet. */
function simpleAction(vocabulary: Vocabulary): fc.Arbitrary<Action> {
  return fc.oneof(
    output,
    setField(vocabulary),
    move(vocabulary),
    subFieldOf(vocabulary.readable).map((source): Action => ({ type: 'output_reg', source })),
    subFieldOf(vocabulary.settable, 1).chain((destination) =>
      u16.map((size): Action => ({ type: 'check_pkt_larger', size, destination })),
    ),
    u32.map((queueId): Action => ({ type: 'set_queue', queueId })),
    learn(vocabulary),
    controller,
    note,
    fc.constant<Action>({ type: 'ct_clear' }),
  );
}

const EVERYTHING: Vocabulary = { readable: FIELDS, settable: SETTABLE, family: 4 };

const anyLeaf = fc.oneof(
  { weight: 6, arbitrary: simpleAction(EVERYTHING) },
  { weight: 2, arbitrary: ct(EVERYTHING) },
  resubmit,
  conjunction,
  nat(6),
  u32.map((groupId): Action => ({ type: 'group', groupId })),
  u32.map((meterId): Action => ({ type: 'meter', meterId })),
  u16.map((ethertype): Action => ({ type: 'push_vlan', ethertype })),
  fc.constant<Action>({ type: 'pop_vlan' }),
  fc.constant<Action>({ type: 'dec_ttl' }),
  fc
    .array(u16, { minLength: 1, maxLength: 5 })
    .map((controllerIds): Action => ({ type: 'dec_ttl', controllerIds })),
  bytes(4, 4).map((payload): Action => {
    return { type: 'unknown', bytes: Buffer.concat([Buffer.from('00770008', 'hex'), payload]) };
  }),
);

/** Lists with clones in clones, as deep as the codec goes in practice. */
export const anyActions: fc.Arbitrary<Action[]> = fc.letrec<{ list: Action[]; action: Action }>(
  (tie) => ({
    list: fc.array(tie('action'), { maxLength: 4, depthIdentifier: 'clone' }),
    action: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'clone' },
      { weight: 6, arbitrary: anyLeaf },
      {
        weight: 1,
        arbitrary: tie('list').map((actions): Action => ({ type: 'clone', actions })),
      },
    ),
  }),
).list;

const metadata = fc.oneof(
  u64.map((value): Instruction => ({ type: 'write_metadata', value })),
  fc
    .tuple(u64, fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_fffen }))
    .map(([value, mask]): Instruction => ({ type: 'write_metadata', value: value & mask, mask })),
);

/** Some of each kind, in canonical order; no empty list of actions to apply. */
function instructionsOf(actions: fc.Arbitrary<Action[]>): fc.Arbitrary<Instruction[]> {
  return fc
    .tuple(
      fc.option(
        actions
          .filter(({ length }) => length > 0)
          .map((list): Instruction => ({ type: 'apply_actions', actions: list })),
      ),
      fc.option(fc.constant<Instruction>({ type: 'clear_actions' })),
      fc.option(
        output.map((action): Instruction => ({ type: 'write_actions', actions: [action] })),
      ),
      fc.option(metadata),
      fc.option(table.map((number): Instruction => ({ type: 'goto_table', table: number }))),
    )
    .map((list) => list.filter((each) => each !== null));
}

export const anyInstructions = instructionsOf(anyActions);

// Flows that Open vSwitch accepts and keeps as they are.

/** Fields that need nothing, and that Open vSwitch keeps bit for bit. */
const FREE: readonly FieldName[] = [
  'conj_id',
  'in_port',
  'eth_src',
  'eth_dst',
  'tun_id',
  'tun_src',
  'tun_dst',
  'tun_ipv6_src',
  'tun_ipv6_dst',
  'tun_gbp_id',
  'tun_flags',
  'reg0',
  'reg1',
  'reg6',
  'reg7',
  'reg14',
  'reg15',
  'pkt_mark',
  'ct_state',
  'ct_zone',
  'ct_mark',
  'ct_label',
  'metadata',
];

interface Protocol {
  readonly base: Match;
  readonly fields: readonly FieldName[];
  readonly family?: 4 | 6;
}

const IP = ['ip_ecn', 'ip_dscp', 'nw_ttl'] as const;
const PROTOCOLS: readonly Protocol[] = [
  { base: {}, fields: [] },
  { base: { eth_type: 0x88cc }, fields: [] },
  { base: { vlan_vid: 0x1005 }, fields: ['vlan_pcp'] },
  { base: { vlan_vid: { value: 0x1000, mask: 0x1000 } }, fields: ['vlan_pcp'] },
  { base: { eth_type: 0x0806 }, fields: ['arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'] },
  { base: { eth_type: 0x0800 }, fields: ['ip_src', 'ip_dst', ...IP], family: 4 },
  { base: { eth_type: 0x0800, ip_frag: 1 }, fields: ['ip_src', ...IP], family: 4 },
  {
    base: { eth_type: 0x0800, ip_proto: 6 },
    fields: ['ip_src', 'tcp_src', 'tcp_dst', 'tcp_flags'],
    family: 4,
  },
  { base: { eth_type: 0x0800, ip_proto: 17 }, fields: ['ip_dst', 'udp_src', 'udp_dst'], family: 4 },
  { base: { eth_type: 0x0800, ip_proto: 132 }, fields: ['sctp_src', 'sctp_dst'], family: 4 },
  {
    base: { eth_type: 0x0800, ip_proto: 1 },
    fields: ['ip_dst', 'icmp_type', 'icmp_code'],
    family: 4,
  },
  { base: { eth_type: 0x86dd }, fields: ['ipv6_src', 'ipv6_dst', 'ipv6_label', ...IP], family: 6 },
  { base: { eth_type: 0x86dd, ip_proto: 6 }, fields: ['ipv6_src', 'tcp_dst'], family: 6 },
  { base: { eth_type: 0x86dd, ip_proto: 58 }, fields: ['icmpv6_type', 'icmpv6_code'], family: 6 },
  {
    base: { eth_type: 0x86dd, ip_proto: 58, icmpv6_type: 135, icmpv6_code: 0 },
    fields: ['nd_target', 'nd_sll', 'nd_reserved', 'nd_options_type'],
    family: 6,
  },
  {
    base: { eth_type: 0x86dd, ip_proto: 58, icmpv6_type: 136, icmpv6_code: 0 },
    fields: ['nd_target', 'nd_tll'],
    family: 6,
  },
];

/** Fields that every packet has, for the actions of flows of any protocol. */
const ANYWHERE: Vocabulary = {
  readable: (
    ['reg0', 'reg3', 'xreg1', 'xxreg1', 'metadata', 'tun_id', 'eth_src', 'pkt_mark'] as const
  ).map(fieldOf),
  settable: (
    [
      'reg0',
      'reg3',
      'xreg1',
      'xxreg1',
      'metadata',
      'tun_id',
      'tun_dst',
      'eth_dst',
      'pkt_mark',
      'nxm_in_port',
    ] as const
  ).map(fieldOf),
  family: undefined,
};

function acceptedMatch({ base, fields }: Protocol): fc.Arbitrary<Match> {
  const rows = [...FREE, ...fields].map(fieldOf);
  return matchOf(rows).map((match) => ({ ...match, ...narrowed(match), ...base }));
}

/** Ports are 16 bits wide inside Open vSwitch, and invalid packets cannot be committed. */
function narrowed({ in_port: number, ct_state: state }: Match): Match {
  const port = typeof number === 'number' ? { in_port: 1 + (number % 0xfeff) } : {};
  if (typeof state !== 'object') return port;
  return { ...port, ct_state: { value: state.value & ~0x10, mask: state.mask } };
}

function acceptedActions({ family }: Protocol): fc.Arbitrary<Action[]> {
  const vocabulary = { ...ANYWHERE, family };
  const simple = simpleAction(vocabulary).filter(
    (action) => action.type !== 'learn' || action.specs.every(isAcceptedSpec),
  );
  const ofIp =
    family === undefined ? [] : [ct(vocabulary), fc.constant<Action>({ type: 'dec_ttl' })];
  const plainResubmit = resubmit.map((action) => {
    const { withCt: _, ...rest } = action as ResubmitAction;
    return rest as Action;
  });
  const one = fc.oneof(simple, plainResubmit, ...ofIp);
  const nested = fc
    .array(one, { minLength: 1, maxLength: 2 })
    .map((actions): Action => ({ type: 'clone', actions }));
  return fc.array(fc.oneof({ weight: 9, arbitrary: one }, nested), { maxLength: 4 });
}

/** Conjunctions stand alone; nothing goes back to the table that it is in, which is 0. */
function acceptedInstructions(protocol: Protocol): fc.Arbitrary<Instruction[]> {
  const conjunctions = fc
    .array(conjunction, { minLength: 1, maxLength: 3 })
    .map((actions): Instruction[] => [{ type: 'apply_actions', actions }]);
  const others = instructionsOf(acceptedActions(protocol)).map((list) =>
    list.filter((each) => each.type !== 'goto_table' || each.table > 0),
  );
  return fc.oneof({ weight: 9, arbitrary: others }, conjunctions);
}

function isAcceptedSpec(spec: LearnSpec): boolean {
  return spec.type === 'output' || spec.destination.field !== 'nxm_in_port';
}

export interface AcceptedFlow {
  readonly match: Match;
  readonly instructions: Instruction[];
}

export const acceptedFlow: fc.Arbitrary<AcceptedFlow> = fc
  .constantFrom(...PROTOCOLS)
  .chain((protocol) =>
    fc.record({
      match: acceptedMatch(protocol),
      instructions: acceptedInstructions(protocol),
    }),
  );
