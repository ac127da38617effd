/** A conntrack helper of a router: a protocol whose connections open others that belong to them. */
import { type AttributeTable, changeable, derived, once, STRING } from './validate/attributes.ts';
import { portNumber, protocol } from './validate/transport-values.ts';
import { text } from './validate/values.ts';

export interface ConntrackHelper {
  readonly id: string;
  /** The router's. */
  readonly project_id: string;
  readonly router_id: string;
  readonly protocol: string;
  readonly port: number;
  readonly helper: string;
}

export const CONNTRACK_HELPER_ATTRIBUTES = {
  id: derived(STRING),
  project_id: once(text(255), { input: true }),
  protocol: { ...changeable(protocol), post: 'required' },
  port: { ...changeable(portNumber), post: 'required' },
  helper: { ...changeable(text(64), { about: 'ftp, sip, tftp …' }), post: 'required' },
} as const satisfies AttributeTable;
