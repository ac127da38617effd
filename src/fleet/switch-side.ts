/**
 * The OpenFlow half of a host session: the role, the first comparison, updates and audits, one
 * after the other on one lane. What it knows about a switch it knows about one link; when that
 * ends, all of it is forgotten and the next link starts with a comparison.
 */
import type { Clock, Random, Timer } from '../lib/clock.ts';
import { DesiredState } from '../pipeline/index.ts';
import { Audit, type AuditResult } from './audit.ts';
import { type Changes, isEmpty, isOtherUnit, PendingChanges, type Step } from './changes.ts';
import { type MeterStep, orderMeters, orderSteps } from './order.ts';
import type { SwitchLink } from './ports.ts';
import { readInstalled, reconcileChanges } from './reconcile.ts';
import { type DriftReport, driftTotal } from './types.ts';

/**
 * Members of one bundle. OVS applies a bundle between two packets of a port that its main thread
 * polls: some 150 ms for so many. Only a first push or a ruined table is longer than one bundle.
 */
const STEPS_MAX = 20_000;

export interface SwitchSideOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly auditIntervalMs: number;
  /** Members of one bundle at most; absent: as many as do no harm. */
  readonly stepsMax?: number;
  /** Something became due. */
  readonly kick: () => void;
  /** An audit found something, and repaired it. */
  readonly drift: (report: DriftReport) => void;
}

export interface SwitchCounters {
  flowMods: number;
  groupMods: number;
  meterMods: number;
  bundles: number;
  driftRepaired: number;
  lastAudit: number | undefined;
}

/** Who waits for the report of an audit. */
interface Waiter {
  readonly resolve: (report: DriftReport) => void;
  readonly reject: (error: Error) => void;
}

export class SwitchSide {
  readonly counters: SwitchCounters = {
    flowMods: 0,
    groupMods: 0,
    meterMods: 0,
    bundles: 0,
    driftRepaired: 0,
    lastAudit: undefined,
  };
  readonly #options: SwitchSideOptions;
  readonly #pending = new PendingChanges();
  #desired = new DesiredState();
  #link: SwitchLink | undefined;
  #master = false;
  /** Counts terms of ownership. */
  #term = 0;
  /** Whether updates must be kept for the link: from the first look at it on. */
  #tracking = false;
  #trustMarkers = true;
  /** Conntrack zones that began since the switch was last written: their past is not theirs. */
  readonly #freshZones = new Set<number>();
  #audit: Audit | undefined;
  #auditWanted = false;
  #auditTimer: Timer | undefined;
  /** Waiting for an audit that begins after they asked, and for the one that runs. */
  #waiting: Waiter[] = [];
  #served: Waiter[] = [];

  constructor(options: SwitchSideOptions) {
    this.#options = options;
  }

  get link(): SwitchLink | undefined {
    return this.#link;
  }

  get desired(): DesiredState {
    return this.#desired;
  }

  get master(): boolean {
    return this.#master;
  }

  get auditDue(): boolean {
    return this.#auditWanted || this.#audit !== undefined;
  }

  /** A link to the switch; the one before is closed. */
  attach(link: SwitchLink): void {
    this.#link?.close('another channel of the same host took its place');
    this.forgetSwitch();
    this.#link = link;
    this.#master = false;
    this.#trustMarkers = true;
  }

  /** The link has ended. */
  detach(): void {
    this.forgetSwitch();
    this.#rejectWaiting('the OpenFlow channel has ended');
    this.#link = undefined;
    this.#master = false;
  }

  /** What the switch holds is unknown from now on. */
  forgetSwitch(): void {
    this.#tracking = false;
    this.#pending.clear();
    this.#stopAudit('the switch must be compared anew');
  }

  /** We own the host no more, or not yet. */
  resign(): void {
    this.forgetSwitch();
    this.#master = false;
    this.#term += 1;
  }

  /** Starts from a desired state of its own; the switch must be compared with it. */
  replaceDesired(units: Parameters<DesiredState['apply']>[0]): void {
    this.forgetSwitch();
    this.#desired = new DesiredState();
    this.#desired.apply(units);
  }

  update(delta: Parameters<DesiredState['apply']>[0]): void {
    const changes = this.#desired.apply(delta);
    this.#noteZones(changes.flows);
    if (!this.#tracking) return;
    this.#pending.add(changes);
    this.#audit?.updated(changes);
  }

  async takeRole(link: SwitchLink, epoch: bigint): Promise<void> {
    const term = this.#term;
    await link.takeRole(epoch);
    // The answer to a question of an earlier term makes us master of nothing.
    if (this.#link === link && this.#term === term) this.#master = true;
  }

  /** Compares and repairs; `begin` is called when everything handed over so far is on its way. */
  async reconcile(link: SwitchLink, begin: () => void): Promise<void> {
    this.#pending.clear();
    this.#tracking = true;
    const installed = await readInstalled(link, this.#desired, this.#pending, this.#trustMarkers);
    // Another link, owner or desired state since: what was read answers no question any more.
    if (!this.#tracking || this.#link !== link) return;
    begin();
    const changes = reconcileChanges(installed, this.#desired, this.#pending);
    // A switch that holds nothing of ours has restarted: its ports are who they were before.
    if (installed.markers.length > 0) this.#noteZones(changes.flows);
    await this.#apply(link, changes);
    this.#trustMarkers = true;
    this.#scheduleAudit();
  }

  async push(link: SwitchLink, begin: () => void): Promise<void> {
    begin();
    await this.#apply(link, this.#pending.take());
  }

  /** A push failed half-way or was refused: the markers vouch for nothing. */
  distrust(): void {
    this.#trustMarkers = false;
    this.forgetSwitch();
  }

  /** Wants an audit that begins after now; `failed` when the switch goes away meanwhile. */
  auditNow(): Promise<DriftReport> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#auditWanted = true;
      this.#options.kick();
    });
  }

  async auditStep(link: SwitchLink): Promise<void> {
    if (this.#audit === undefined) {
      this.#audit = new Audit(link, this.#desired);
      this.#auditWanted = false;
      this.#served = this.#waiting;
      this.#waiting = [];
    }
    const audit = this.#audit;
    const result = await audit.step();
    if (result !== undefined && this.#audit === audit) await this.#finishAudit(link, result);
  }

  stop(reason: string): void {
    this.#auditTimer?.cancel();
    this.#stopAudit(reason);
    this.#rejectWaiting(reason);
  }

  async #finishAudit(link: SwitchLink, { repairs, report }: AuditResult): Promise<void> {
    await this.#apply(link, repairs);
    this.#audit = undefined;
    this.counters.lastAudit = this.#options.clock.wallTimeMs();
    this.counters.driftRepaired += driftTotal(report);
    for (const { resolve } of this.#served.splice(0)) resolve(report);
    if (driftTotal(report) > 0) this.#options.drift(report);
    this.#scheduleAudit();
  }

  #rejectWaiting(reason: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }

  #stopAudit(reason: string): void {
    this.#audit = undefined;
    for (const { reject } of this.#served.splice(0)) reject(new Error(reason));
  }

  /** Jittered by a tenth: the audits of a thousand hosts must not fall together. */
  #scheduleAudit(): void {
    const { clock, random, auditIntervalMs } = this.#options;
    const jitter = random.integer(Math.max(1, Math.floor(auditIntervalMs / 5)));
    this.#auditTimer?.cancel();
    this.#auditTimer = clock.setTimer(auditIntervalMs * 0.9 + jitter, () => {
      this.#auditWanted = this.#tracking;
      this.#options.kick();
    });
  }

  async #apply(link: SwitchLink, changes: Changes): Promise<void> {
    if (isEmpty(changes)) return;
    const { stepsMax = STEPS_MAX } = this.#options;
    const zones = [...this.#freshZones];
    link.flushZones(zones);
    const meters = orderMeters(changes);
    const [first = [], ...others] = orderSteps(changes, stepsMax);
    // In one stream: the switch has the meters when it comes to the bundle.
    await Promise.all([this.#setMeters(link, meters.before), this.#bundle(link, first)]);
    for (const steps of others) await this.#bundle(link, steps);
    await this.#setMeters(link, meters.after);
    for (const zone of zones) this.#freshZones.delete(zone);
  }

  async #bundle(link: SwitchLink, steps: readonly Step[]): Promise<void> {
    if (steps.length === 0) return;
    await link.apply(steps);
    this.#count(steps);
  }

  async #setMeters(link: SwitchLink, steps: readonly MeterStep[]): Promise<void> {
    if (steps.length === 0) return;
    await link.setMeters(steps);
    this.counters.meterMods += steps.length;
  }

  #noteZones(flows: Changes['flows']): void {
    for (const change of flows) {
      if (change.op === 'delete' || !isOtherUnit(change)) continue;
      if (change.flow.zone !== undefined) this.#freshZones.add(change.flow.zone);
    }
  }

  #count(steps: readonly Step[]): void {
    const flows = steps.filter(({ type }) => type === 'put_flow' || type === 'delete_flow').length;
    this.counters.flowMods += flows;
    this.counters.groupMods += steps.length - flows;
    this.counters.bundles += 1;
  }
}
