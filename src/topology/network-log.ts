/**
 * A log: what security groups accept and drop at ports, to be written down (Neutron's `logging`).
 * And what can be logged.
 */
import { intentError } from './intent-error.ts';
import type { Standard } from './standard.ts';
import {
  type Created,
  changeable,
  derived,
  NAME,
  once,
  required,
  STRING,
  UNTAGGED,
  type Updated,
} from './validate/attributes.ts';
import {
  boolean,
  nullable,
  oneOf,
  type Read,
  reader,
  show,
  text,
  uuid,
} from './validate/values.ts';

/** The kinds of resources that let packets pass and can tell of it. */
export const LOGGABLE_TYPES = ['security_group'] as const;

type LoggableType = (typeof LOGGABLE_TYPES)[number];

const EVENTS = ['ACCEPT', 'DROP', 'ALL'] as const;

export interface NetworkLog extends Omit<Standard, 'tags'> {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly resource_type: LoggableType;
  /** The security group that speaks; null is any that a logged port is in. */
  readonly resource_id: string | null;
  /** The port whose packets are meant; null is any that the group, or the project's, is on. */
  readonly target_id: string | null;
  readonly event: (typeof EVENTS)[number];
}

const readName = text(255);

const readResourceType: Read<LoggableType> = reader(
  { type: 'string', enum: LOGGABLE_TYPES },
  (value) => {
    const given = readName(value);
    const type = LOGGABLE_TYPES.find((candidate) => candidate === given);
    if (type !== undefined) return type;
    throw intentError('InvalidLogResourceType', { resource_type: show(given) });
  },
);

export const NETWORK_LOG_ATTRIBUTES = {
  ...UNTAGGED,
  name: NAME,
  enabled: changeable(boolean, { initial: true, enforced: true, about: 'false: it rests' }),
  resource_type: required(readResourceType),
  resource_id: once(nullable(uuid), {
    initial: null,
    enforced: true,
    about: 'a security group; null: any',
  }),
  target_id: once(nullable(uuid), {
    initial: null,
    enforced: true,
    about: 'a port, of the group if both are named; null: any',
  }),
  event: once(oneOf(EVENTS, text(16)), {
    initial: 'ALL',
    enforced: true,
    about: 'which packets: those let through, those dropped, both',
  }),
} as const;

export type NetworkLogCreate = Created<typeof NETWORK_LOG_ATTRIBUTES>;
export type NetworkLogUpdate = Updated<typeof NETWORK_LOG_ATTRIBUTES>;

export const LOGGABLE_RESOURCE_ATTRIBUTES = {
  type: derived(STRING, { filter: 'none', about: 'what `resource_type` of a log may be' }),
} as const;
