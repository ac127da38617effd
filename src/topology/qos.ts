/** QoS policies and their rules: records in the wire shape of Neutron v2.0. */

import type { Standard } from './standard.ts';
import {
  type AttributeTable,
  type Created,
  changeable,
  derived,
  NAME,
  OWNED,
  STANDARD,
  STRING,
  type Updated,
} from './validate/attributes.ts';
import { boolean, FREE_OBJECT, integer, oneOf, ranged, text } from './validate/values.ts';

export interface QosPolicy extends Standard {
  readonly name: string;
  readonly description: string;
  /** New networks of the project get it; at most one policy of a project is. */
  readonly is_default: boolean;
}

export const QOS_POLICY_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  shared: changeable(boolean, {
    initial: false,
    enforced: true,
    about: 'every project may use it: an RBAC policy for `*`',
  }),
  is_default: changeable(boolean, {
    initial: false,
    enforced: true,
    about: 'new networks of its project get it when they name none; one a project',
  }),
  rules: derived({ type: 'array', items: FREE_OBJECT }, { about: 'its rules, of every type' }),
} as const;

export type QosPolicyCreate = Created<typeof QOS_POLICY_ATTRIBUTES>;
export type QosPolicyUpdate = Updated<typeof QOS_POLICY_ATTRIBUTES>;

/** Code points with a name in RFC 2474, RFC 2597, RFC 3246: what Neutron takes. */
const DSCP_MARKS = [
  0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 46, 48, 56,
] as const;
const DIRECTIONS = ['ingress', 'egress'] as const;
const DIRECTIONS_AND_ANY = ['any', 'ingress', 'egress'] as const;
const RATE_MAX = 2 ** 31 - 1;

type Direction = (typeof DIRECTIONS)[number];

interface RuleOf<T extends string> {
  readonly id: string;
  readonly qos_policy_id: string;
  readonly type: T;
}

interface BandwidthLimitRule extends RuleOf<'bandwidth_limit'> {
  readonly max_kbps: number;
  readonly max_burst_kbps: number;
  readonly direction: Direction;
}

interface DscpMarkingRule extends RuleOf<'dscp_marking'> {
  readonly dscp_mark: number;
}

interface MinimumBandwidthRule extends RuleOf<'minimum_bandwidth'> {
  readonly min_kbps: number;
  readonly direction: Direction;
}

interface MinimumPacketRateRule extends RuleOf<'minimum_packet_rate'> {
  readonly min_kpps: number;
  readonly direction: Direction | 'any';
}

interface PacketRateLimitRule extends RuleOf<'packet_rate_limit'> {
  readonly max_kpps: number;
  readonly max_burst_kpps: number;
  readonly direction: Direction;
}

export type QosRule =
  | BandwidthLimitRule
  | DscpMarkingRule
  | MinimumBandwidthRule
  | MinimumPacketRateRule
  | PacketRateLimitRule;

export type QosRuleType = QosRule['type'];

const COMMON = { id: derived(STRING), project_id: { ...OWNED.project_id, input: true } } as const;
const PROMISED_BITS = {
  ...changeable(ranged(0, RATE_MAX), {
    enforced: true,
    about: 'of what it sends, where the way out of its host is known; 0 is no promise',
  }),
  post: 'required',
} as const;
const PROMISED_PACKETS = {
  ...changeable(ranged(0, RATE_MAX), { about: 'queues count bits alone' }),
  post: 'required',
} as const;
const LIMIT = {
  ...changeable(ranged(0, RATE_MAX), { enforced: true, about: '0 is no limit' }),
  post: 'required',
} as const;
const BURST = changeable(ranged(0, RATE_MAX), {
  initial: 0,
  enforced: true,
  about: '0 is 80 % of the rate',
});
const LIMITED = changeable(oneOf(DIRECTIONS, text(16)), { initial: 'egress', enforced: true });
const PROMISED = changeable(oneOf(DIRECTIONS, text(16)), {
  initial: 'egress',
  enforced: true,
  about: 'a promise of `ingress` is stored: no host can keep it for others',
});

/** The attributes of each type of rule, in the order in which policies show their rules. */
export const QOS_RULE_ATTRIBUTES = {
  bandwidth_limit: { ...COMMON, max_kbps: LIMIT, max_burst_kbps: BURST, direction: LIMITED },
  dscp_marking: {
    ...COMMON,
    dscp_mark: {
      ...changeable(oneOf(DSCP_MARKS, integer), {
        enforced: true,
        about: 'of IP packets it sends',
      }),
      post: 'required',
    },
  },
  minimum_bandwidth: { ...COMMON, min_kbps: PROMISED_BITS, direction: PROMISED },
  minimum_packet_rate: {
    ...COMMON,
    min_kpps: PROMISED_PACKETS,
    direction: changeable(oneOf(DIRECTIONS_AND_ANY, text(16)), { initial: 'egress' }),
  },
  packet_rate_limit: { ...COMMON, max_kpps: LIMIT, max_burst_kpps: BURST, direction: LIMITED },
} as const satisfies Readonly<Record<QosRuleType, AttributeTable>>;

export const QOS_RULE_TYPES = Object.keys(QOS_RULE_ATTRIBUTES) as readonly QosRuleType[];

export const QOS_RULE_TYPE_ATTRIBUTES = {
  type: derived(STRING, { filter: 'none' }),
  drivers: derived({ type: 'array', items: FREE_OBJECT }, { about: 'shown of one type alone' }),
} as const;
