/**
 * Where a packet's metadata lives on its way through the tables. Only metadata and reg0 to reg15
 * are used: more need Open vSwitch 3.7.
 *
 *     metadata  [0..23]   NetworkKey: VNI of the packet's network
 *     reg0      [0]       FromTunnel
 *     reg0      [1]       Allowed
 *     reg0      [2]       TooBig
 *     reg0      [3]       TrackOnly
 *     reg0      [4]       Told
 *     reg0      [8..15]   Asked
 *     reg1      [0..31]   Scratch, inside one table only
 *     xreg1     [0..63]   GroupSet (reg2, reg3)
 *     reg4      [0..31]   Clause
 *     reg5      [0..31]   Rule
 *     reg10     [0..15]   ConntrackZone
 *     reg13     [0]       Sender
 *     reg13     [1..31]   Community
 *     reg14     [0..31]   InPort
 *     reg15     [0..31]   OutputPort
 */
import { assert } from '../lib/assert.ts';
import type { FieldName, Match, SubField } from '../openflow/oxm/index.ts';
import { type AnsweredService, SERVICES } from './services.ts';

export type RegisterName = `reg${number}` & FieldName;

const REGISTER_BITS = 32;
const REGISTER_MAX = 15;

/** A run of bits of a register, with a name and a meaning. */
export class RegField {
  readonly name: string;
  readonly register: RegisterName;
  readonly from: number;
  readonly to: number;
  readonly purpose: string;

  /** `at` is `[register number, lowest bit, highest bit]`; the bits are inclusive. */
  constructor(name: string, at: readonly [number, number, number], purpose: string) {
    const [register, from, to] = at;
    assert(Number.isInteger(register), `${name} names a register`);
    assert(register >= 0 && register <= REGISTER_MAX, `${name} is in reg0 to reg${REGISTER_MAX}`);
    assert(from >= 0 && from <= to && to < REGISTER_BITS, `${name} has bits of a register`);
    this.name = name;
    this.register = `reg${register}` as RegisterName;
    this.from = from;
    this.to = to;
    this.purpose = purpose;
  }

  get bits(): number {
    return this.to - this.from + 1;
  }

  get mask(): number {
    return (0xffff_ffff >>> (REGISTER_BITS - this.bits)) * 2 ** this.from;
  }

  /** The field as `move` and `output` name it. */
  get subField(): SubField {
    return { field: this.register, offset: this.from, bits: this.bits };
  }

  /** What a packet has to meet for the field to hold a value. */
  is(value: number): Match {
    const placed = this.place(value);
    const whole = this.bits === REGISTER_BITS;
    return { [this.register]: whole ? placed : { value: placed, mask: this.mask } };
  }

  /** The value shifted into its place. */
  place(value: number): number {
    assert(value >= 0 && value < 2 ** this.bits, `${value} fits ${this.name}`);
    return value * 2 ** this.from;
  }
}

/** One value of a field that flows set and match by name. */
export class RegMark {
  readonly name: string;
  readonly field: RegField;
  readonly value: number;
  readonly purpose: string;

  constructor(name: string, field: RegField, at: { value: number; purpose: string }) {
    field.place(at.value);
    this.name = name;
    this.field = field;
    this.value = at.value;
    this.purpose = at.purpose;
  }
}

const Source = new RegField('Source', [0, 0, 0], 'Where the packet came from.');

export const FromPort = new RegMark('FromPort', Source, {
  value: 0,
  purpose: 'Sent by a local port.',
});

export const FromTunnel = new RegMark('FromTunnel', Source, {
  value: 1,
  purpose: 'Came in from another host; never sent to a tunnel again (split horizon).',
});

const Verdict = new RegField('Verdict', [0, 1, 1], 'What the rules of security groups say.');

export const Allowed = new RegMark('Allowed', Verdict, {
  value: 1,
  purpose: 'A rule lets the packet through.',
});

/** Not judged yet, or refused. */
export const NotAllowed = new RegMark('NotAllowed', Verdict, {
  value: 0,
  purpose: 'No rule has let the packet through.',
});

/** `check_pkt_larger` writes it. */
export const Size = new RegField('Size', [0, 2, 2], 'Whether a tunnel carries the packet.');

export const TooBig = new RegMark('TooBig', Size, {
  value: 1,
  purpose: 'Larger than the MTU of its network.',
});

export const Fits = new RegMark('Fits', Size, {
  value: 0,
  purpose: 'No larger than that, or not for a tunnel.',
});

const Copy = new RegField('Copy', [0, 3, 3], 'Whether a packet is one that goes somewhere.');

export const TrackOnly = new RegMark('TrackOnly', Copy, {
  value: 1,
  purpose: 'A copy of what a VM sends where it still runs: it is tracked, and goes nowhere.',
});

export const Genuine = new RegMark('Genuine', Copy, {
  value: 0,
  purpose: 'The packet itself.',
});

const Telling = new RegField(
  'Telling',
  [0, 4, 4],
  'Whether the controller was told of the packet.',
);

/**
 * Open vSwitch 3.1 must not change such a packet into an answer: where the datapath cannot, its
 * daemon does that (`dpif_execute_with_help`), and does not come back from a metered message to the
 * controller that another meter stands before. A trace of such a packet ends it as well.
 */
export const Told = new RegMark('Told', Telling, {
  value: 1,
  purpose: 'The controller was told; who is asked for answers, not the switch.',
});

const Asked = new RegField('Asked', [0, 8, 15], 'What a packet asks the controller for.');

function serviceMark(service: AnsweredService, purpose: string): RegMark {
  return new RegMark(`Asks ${service}`, Asked, { value: SERVICES[service], purpose });
}

export const SERVICE_MARKS: Readonly<Record<AnsweredService, RegMark>> = {
  dhcpv4: serviceMark('dhcpv4', 'A question of a DHCP client.'),
  dhcpv6: serviceMark('dhcpv6', 'A question of a DHCPv6 client.'),
  'router-solicitation': serviceMark('router-solicitation', 'A question for routers.'),
  'packet-too-big': serviceMark('packet-too-big', 'Nothing; its sender is to be told.'),
};

export const Reports = new RegMark('Reports multicast', Asked, {
  value: SERVICES.multicast,
  purpose: 'Nothing; it tells which multicast groups the port listens to.',
});

export const Clause = new RegField(
  'Clause',
  [4, 0, 31],
  'Conjunction id of the clause of rules that a packet meets.',
);

export const Rule = new RegField(
  'Rule',
  [5, 0, 31],
  'Hash of the rule that lets the packet through.',
);

export const ConntrackZone = new RegField(
  'ConntrackZone',
  [10, 0, 15],
  'Conntrack zone of the local port that is being judged: its own number.',
);

export const Scratch = new RegField(
  'Scratch',
  [1, 0, 31],
  'Held for the length of one action list, to swap two fields.',
);

const Sender = new RegField('Sender', [13, 0, 0], 'Whether everybody hears who sends the packet.');

export const Promiscuous = new RegMark('Promiscuous', Sender, {
  value: 0,
  purpose: 'Everybody in the network does.',
});

/** An isolated port, or one of a community. */
export const Apart = new RegMark('Apart', Sender, {
  value: 1,
  purpose: 'Promiscuous ports do, and its own community.',
});

export const Community = new RegField(
  'Community',
  [13, 1, 31],
  'Hash of the name of the community of who sends the packet; 0 of none.',
);

/**
 * Behind the Classifier a local port is known by its number here, and not by `in_port`: subports of
 * a trunk share an OpenFlow port with their parent.
 */
export const InPort = new RegField(
  'InPort',
  [14, 0, 31],
  'Number of the local port that sent the packet; 0 when it came from elsewhere.',
);

export const OutputPort = new RegField(
  'OutputPort',
  [15, 0, 31],
  'Number of the local port that the table Output sends to.',
);

/** Every field in use; a test proves that no two overlap. */
export const REG_FIELDS: readonly RegField[] = [
  Source,
  Verdict,
  Size,
  Copy,
  Telling,
  Asked,
  Scratch,
  Clause,
  Rule,
  ConntrackZone,
  Sender,
  Community,
  InPort,
  OutputPort,
];

export const REG_MARKS: readonly RegMark[] = [
  FromPort,
  FromTunnel,
  NotAllowed,
  Allowed,
  Fits,
  TooBig,
  Genuine,
  TrackOnly,
  Told,
  ...Object.values(SERVICE_MARKS),
  Reports,
];

/** Room kept for features to come, so that none of them has to move what exists. */
export const RESERVED_REGISTERS: readonly { registers: string; purpose: string }[] = [
  { registers: 'reg0[5..7], reg0[16..31]', purpose: 'Marks of later stages.' },
  { registers: 'reg6 … reg9', purpose: 'Routing.' },
  { registers: 'reg10[16..31], reg11, reg12', purpose: 'Address translation.' },
];

/** The network of a packet: its VNI, in the low 24 bits of `metadata`; the other bits are zero. */
export const NetworkKey = {
  name: 'NetworkKey',
  purpose: 'VNI of the network of the packet.',
  subField: { field: 'metadata', offset: 0, bits: 24 } satisfies SubField,
} as const;

/** The security groups of the port that is being judged, as a 64-bit hash: reg2 and reg3. */
export const GroupSet = {
  name: 'GroupSet',
  purpose: 'Hash of the security groups of the local port that is being judged.',
  field: 'xreg1' satisfies FieldName,
} as const;

/** Where the VNI stands in a tunnel header. */
export const TunnelKey = {
  subField: { field: 'tun_id', offset: 0, bits: 24 } satisfies SubField,
} as const;

/** A VNI as the value of `metadata` or `tun_id`. */
export function networkKey(vni: number): bigint {
  return BigInt(vni);
}

/**
 * The value of a field in the metadata of a packet: OpenFlow 1.5 tells registers in pairs, the even
 * one in the upper half. What is not told is zero.
 */
export function fieldIn(metadata: Match, { register, from, bits }: RegField): number {
  const number = Number(register.slice('reg'.length));
  const pair = metadata[`xreg${number >> 1}` as FieldName];
  const half =
    typeof pair === 'bigint'
      ? Number(BigInt.asUintN(32, pair >> (number % 2 === 0 ? 32n : 0n)))
      : 0;
  const alone = metadata[register];
  const value = typeof alone === 'number' ? alone : half;
  return Math.floor(value / 2 ** from) % 2 ** bits;
}
