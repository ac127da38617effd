/** Actions as data: one shape a kind, told apart by `type` (ovs-actions(7)). */
import type { FieldName, SubField } from '../oxm/index.ts';

/** Sends the packet to a port; OFPP_* of `constants.ts` for the reserved ones. */
export interface OutputAction {
  readonly type: 'output';
  readonly port: number;
  /** Bytes of the packet to send, for OFPP_CONTROLLER alone. Default OFPCML_NO_BUFFER (65535). */
  readonly maxLength?: number;
}

/** Sends the packet to the port whose number stands in a field. */
export interface OutputRegAction {
  readonly type: 'output_reg';
  readonly source: SubField;
  readonly maxLength?: number;
}

export interface GroupAction {
  readonly type: 'group';
  readonly groupId: number;
}

/** Passes the packet through a meter (OFPAT_METER of OpenFlow 1.5). */
export interface MeterAction {
  readonly type: 'meter';
  readonly meterId: number;
}

export interface SetQueueAction {
  readonly type: 'set_queue';
  readonly queueId: number;
}

/** Writes a field, or the bits of it that are set in `mask`. Wide fields have bigint values. */
export interface SetFieldAction {
  readonly type: 'set_field';
  readonly field: FieldName;
  readonly value: number | bigint;
  readonly mask?: number | bigint;
}

/** Copies bits; both subfields have the same number of them. */
export interface MoveAction {
  readonly type: 'move';
  readonly source: SubField;
  readonly destination: SubField;
}

export interface PushVlanAction {
  readonly type: 'push_vlan';
  readonly ethertype: number;
}

export interface PopVlanAction {
  readonly type: 'pop_vlan';
}

/** Decrements the TTL; a packet whose TTL is too low goes to the controllers of these ids. */
export interface DecTtlAction {
  readonly type: 'dec_ttl';
  /** Absent: the standard action, which means controller id 0. */
  readonly controllerIds?: readonly number[];
}

/** Sends the packet through the connection tracker. */
export interface CtAction {
  readonly type: 'ct';
  readonly commit?: boolean;
  readonly force?: boolean;
  /** A number, or a 16-bit subfield that holds it. Default 0. */
  readonly zone?: number | SubField;
  /** Table in which the packet goes on, with its connection state known. */
  readonly table?: number;
  /** Port of the protocol whose helper is to be used: 21 is FTP, 69 TFTP. */
  readonly alg?: number;
  /** set_field of ct_mark and ct_label, move to them, and `nat`. */
  readonly actions?: readonly Action[];
}

/** Inside `ct` only: translates addresses. Without src or dst it only applies what is there. */
export interface NatAction {
  readonly type: 'nat';
  readonly direction?: 'src' | 'dst';
  readonly persistent?: boolean;
  readonly algorithm?: 'hash' | 'random';
  readonly ipv4?: { readonly min: number; readonly max?: number };
  readonly ipv6?: { readonly min: bigint; readonly max?: bigint };
  readonly ports?: { readonly min: number; readonly max?: number };
}

export interface CtClearAction {
  readonly type: 'ct_clear';
}

/** Looks the packet up again; with another in_port, in another table, on the ct original tuple. */
export interface ResubmitAction {
  readonly type: 'resubmit';
  /** Absent: the packet's own in_port. */
  readonly port?: number;
  /** Absent: the current table. */
  readonly table?: number;
  readonly withCt?: boolean;
}

/**
 * Says that the flow is in dimension `clause` (counted from 1) of `clauses` of conjunction `id`.
 */
export interface ConjunctionAction {
  readonly type: 'conjunction';
  readonly id: number;
  readonly clause: number;
  readonly clauses: number;
}

/** Part of a learned flow: matches, loads or outputs bits of the packet or of a constant. */
export type LearnSpec =
  | { readonly type: 'match'; readonly source: LearnSource; readonly destination: SubField }
  | { readonly type: 'load'; readonly source: LearnSource; readonly destination: SubField }
  | { readonly type: 'output'; readonly source: SubField };

/** A subfield of the packet, or a constant as wide as the destination. */
export type LearnSource = SubField | bigint;

/** Adds or modifies a flow made from the packet. */
export interface LearnAction {
  readonly type: 'learn';
  readonly table: number;
  readonly priority: number;
  readonly idleTimeout?: number;
  readonly hardTimeout?: number;
  readonly finIdleTimeout?: number;
  readonly finHardTimeout?: number;
  readonly cookie?: bigint;
  readonly sendFlowRemoved?: boolean;
  readonly deleteLearned?: boolean;
  /** Greatest number of flows that it may learn; needs NXAST_LEARN2, as `resultDestination`. */
  readonly limit?: number;
  /** A one-bit field that is set when a flow was learned, and cleared when the limit forbade it. */
  readonly resultDestination?: SubField;
  readonly specs: readonly LearnSpec[];
}

/** Sends the packet to the controllers. */
export interface ControllerAction {
  readonly type: 'controller';
  /** Bytes of the packet; default 65535, all of it. */
  readonly maxLength?: number;
  readonly controllerId?: number;
  /** OFPR_*; default OFPR_ACTION. */
  readonly reason?: number;
  /** Handed back in the packet-in. */
  readonly userdata?: Buffer;
  /** Stops the pipeline until the controller resumes it. */
  readonly pause?: boolean;
  readonly meterId?: number;
}

/** Writes 1 to a one-bit subfield when the packet is longer than `size` bytes, otherwise 0. */
export interface CheckPktLargerAction {
  readonly type: 'check_pkt_larger';
  readonly size: number;
  readonly destination: SubField;
}

/** Does nothing and carries bytes. */
export interface NoteAction {
  readonly type: 'note';
  readonly bytes: Buffer;
}

/** Runs actions on a copy of the packet and its state. */
export interface CloneAction {
  readonly type: 'clone';
  readonly actions: readonly Action[];
}

/** An action that we have no row for, header and all. */
export interface UnknownAction {
  readonly type: 'unknown';
  readonly bytes: Buffer;
}

export type Action =
  | OutputAction
  | OutputRegAction
  | GroupAction
  | MeterAction
  | SetQueueAction
  | SetFieldAction
  | MoveAction
  | PushVlanAction
  | PopVlanAction
  | DecTtlAction
  | CtAction
  | NatAction
  | CtClearAction
  | ResubmitAction
  | ConjunctionAction
  | LearnAction
  | ControllerAction
  | CheckPktLargerAction
  | NoteAction
  | CloneAction
  | UnknownAction;
