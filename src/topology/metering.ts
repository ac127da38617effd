/** Metering labels and their rules: traffic of routers to be counted, in Neutron's wire shape. */
import { type Created, derived, OWNED, once, required, STRING } from './validate/attributes.ts';
import { boolean, ipPrefix, nullable, oneOf, text, uuid } from './validate/values.ts';

export interface MeteringLabel {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly description: string;
  /** It counts on the routers of every project. */
  readonly shared: boolean;
}

export const METERING_LABEL_ATTRIBUTES = {
  ...OWNED,
  name: once(text(255), { initial: '', about: 'a label' }),
  description: once(text(1024), { initial: '', about: 'a label' }),
  shared: once(boolean, { initial: false, about: 'counts on the routers of every project' }),
} as const;

export type MeteringLabelCreate = Created<typeof METERING_LABEL_ATTRIBUTES>;

const DIRECTIONS = ['ingress', 'egress'] as const;

export interface MeteringLabelRule {
  readonly id: string;
  readonly metering_label_id: string;
  readonly direction: (typeof DIRECTIONS)[number];
  /** What it matches is not counted. */
  readonly excluded: boolean;
  /** Addresses as they were given: a prefix may have host bits. */
  readonly remote_ip_prefix: string | null;
  readonly source_ip_prefix: string | null;
  readonly destination_ip_prefix: string | null;
}

const PREFIX = once(nullable(ipPrefix), { initial: null });

export const METERING_LABEL_RULE_ATTRIBUTES = {
  id: derived(STRING),
  project_id: { ...OWNED.project_id, input: true },
  metering_label_id: required(uuid),
  direction: required(oneOf(DIRECTIONS, text(16))),
  excluded: once(boolean, { initial: false, about: 'what it matches is not counted' }),
  remote_ip_prefix: { ...PREFIX, about: 'the other side; not together with the two below' },
  source_ip_prefix: PREFIX,
  destination_ip_prefix: PREFIX,
} as const;

export type MeteringLabelRuleCreate = Created<typeof METERING_LABEL_RULE_ATTRIBUTES>;
