/**
 * The state machine of a host session, as pure functions of what is known now. A host has two
 * lanes: one writes OVSDB rows, the other drives the OpenFlow channel; neither waits for the
 * other's network.
 *
 * ```
 *   OVSDB      lost ── connects ──▶ connected ── adopt ──▶ enrolling ── rows as desired ─┐
 *   OpenFlow                     take role ──▶ reconcile ──▶ ready ⇄ push, audit ◀───────┘
 *   either     a newer epoch is seen ──▶ fenced, until adopted again with a newer one
 * ```
 */
import type { HostState } from './types.ts';

/** Everything that decides what a session does next. */
export interface SessionView {
  /** We hold the host's lease: adopted and not released. */
  readonly owned: boolean;
  /** A newer epoch than ours was seen on the host. */
  readonly fenced: boolean;
  readonly ovsdb: boolean;
  /**
   * The host's rows were found, or made, as desired, under our epoch, on this connection, and no
   * other port has the tunnel's number.
   */
  readonly enrolled: boolean;
  /** Rows may differ from what is desired: something changed since they were last compared. */
  readonly rowsDirty: boolean;
  readonly channel: boolean;
  readonly master: boolean;
  readonly synced: boolean;
  readonly pending: number;
  readonly auditDue: boolean;
}

export type OvsdbStep = 'none' | 'enrol';
export type OpenFlowStep = 'none' | 'take_role' | 'reconcile' | 'push' | 'audit';

export function nextOvsdbStep(view: SessionView): OvsdbStep {
  const mayWrite = view.owned && !view.fenced && view.ovsdb;
  return mayWrite && view.rowsDirty ? 'enrol' : 'none';
}

/** Updates come before audits: an audit is done a table at a time, and waits between tables. */
export function nextOpenFlowStep(view: SessionView): OpenFlowStep {
  if (!view.owned || view.fenced || !view.channel) return 'none';
  // A channel outlives an OVSDB connection: what was enrolled once is served on.
  if (!view.master) return view.enrolled ? 'take_role' : 'none';
  if (!view.synced) return 'reconcile';
  if (view.pending > 0) return 'push';
  return view.auditDue ? 'audit' : 'none';
}

export function hostState(view: SessionView): HostState {
  if (!view.ovsdb) return 'lost';
  if (view.fenced) return 'fenced';
  if (!view.owned) return 'connected';
  if (!view.enrolled || !view.channel) return 'enrolling';
  return view.master && view.synced ? 'ready' : 'syncing';
}
