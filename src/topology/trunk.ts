/** A trunk: ports that share the wire of another, told apart by a tag (Neutron's `trunk`). */

import type { Standard } from './standard.ts';
import {
  type Created,
  changeable,
  derived,
  NAME,
  once,
  required,
  STANDARD,
  STRING,
  type Updated,
} from './validate/attributes.ts';
import { readSubports } from './validate/subports.ts';
import { boolean, uuid } from './validate/values.ts';

export interface Subport {
  readonly port_id: string;
  readonly segmentation_type: 'vlan';
  /** The VLAN ID of its packets on the wire of the parent port. */
  readonly segmentation_id: number;
}

export interface Trunk extends Standard {
  readonly name: string;
  readonly description: string;
  /** False: nothing of the trunk can be changed, and it cannot be deleted. */
  readonly admin_state_up: boolean;
  /** The parent: its wire is the trunk's, untagged packets are its own. */
  readonly port_id: string;
  readonly sub_ports: readonly Subport[];
}

export const TRUNK_ATTRIBUTES = {
  ...STANDARD,
  name: NAME,
  admin_state_up: changeable(boolean, {
    initial: true,
    enforced: true,
    about: 'down: its subports stay as they are, and it cannot be deleted',
  }),
  status: derived(STRING, {
    filter: 'none',
    about: 'DOWN: its parent is; ACTIVE, DEGRADED, BUILD: all subports are connected, some, none',
  }),
  port_id: required(uuid, {
    enforced: true,
    about: 'the parent, which cannot be deleted before the trunk',
  }),
  sub_ports: once(readSubports, {
    initial: [],
    enforced: true,
    about: 'changed by `add_subports` and `remove_subports`; any other tag is dropped',
  }),
} as const;

export type TrunkCreate = Created<typeof TRUNK_ATTRIBUTES>;
export type TrunkUpdate = Updated<typeof TRUNK_ATTRIBUTES>;
