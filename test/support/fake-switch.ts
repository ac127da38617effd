/**
 * A switch and a database in memory, as a host session sees them. The switch applies bundles as Open
 * vSwitch does: in order, all or nothing, refusing a flow whose group or meter is missing, deleting
 * the flows of a group or a meter that goes.
 */
import type {
  FlowState,
  GroupState,
  InstalledFlow,
  MeterState,
  Step,
} from '../../src/fleet/changes.ts';
import { FencedError } from '../../src/fleet/fencing.ts';
import type { HostRows, HostTables } from '../../src/fleet/observe.ts';
import type { MeterStep } from '../../src/fleet/order.ts';
import {
  type HostDatabase,
  type PassedPacket,
  type PuntedPacket,
  RejectedError,
  type SwitchLink,
} from '../../src/fleet/ports.ts';
import type { FlowCount } from '../../src/fleet/types.ts';
import { type Action, instructionsFromBytes } from '../../src/openflow/index.ts';
import type { Operation } from '../../src/ovsdb/index.ts';

/** The content of a switch; it outlives the links to it. */
export class FakeSwitch {
  readonly flows = new Map<string, InstalledFlow>();
  readonly groups = new Map<number, GroupState>();
  readonly meters = new Map<number, MeterState>();
  generation = 0n;

  /** Throws RejectedError at the first step that a switch would refuse; leaves nothing half done. */
  apply(steps: readonly Step[]): void {
    const flows = new Map(this.flows);
    const groups = new Map(this.groups);
    for (const step of steps) {
      const missing =
        step.type === 'put_flow' && metersOf(step.flow).find((id) => !this.meters.has(id));
      if (missing) throw new RejectedError(step, new Error('OFPMMFC_INVALID_METER'));
      applyStep(step, flows, groups);
    }
    replace(this.flows, flows);
    replace(this.groups, groups);
  }

  /** Throws RejectedError where a switch would refuse. */
  setMeter(step: MeterStep): void {
    const { type, meter } = step;
    const isThere = this.meters.has(meter.meterId);
    if (type !== 'delete_meter' && isThere !== (type === 'modify_meter')) {
      throw new RejectedError(step, new Error('OFPMMFC_METER_EXISTS or _UNKNOWN_METER'));
    }
    if (type !== 'delete_meter') {
      this.meters.set(meter.meterId, meter);
      return;
    }
    this.meters.delete(meter.meterId);
    for (const [key, flow] of this.flows) {
      if (metersOf(flow).includes(meter.meterId)) this.flows.delete(key);
    }
  }

  /** Flows in words that can be compared, sorted. */
  contents(): string[] {
    return [...this.flows.values()].map(describeFlow).sort();
  }
}

export function describeFlow(flow: FlowState): string {
  const { table, priority, cookie, match, instructions } = flow;
  return `${table} ${priority} ${cookie} ${match.toString('hex')} ${instructions.toString('hex')}`;
}

/** A flow as it would be read from a switch. */
export function installed(flow: FlowState): InstalledFlow {
  const { table, priority, cookie, match, instructions, key } = flow;
  return { table, priority, cookie, match, instructions, key, lasting: true };
}

/** The groups that a flow sends packets to. */
export function groupsOf(flow: FlowState): number[] {
  return actionsOf(flow).flatMap((action) => (action.type === 'group' ? action.groupId : []));
}

/** The meters that a flow sends packets through. */
export function metersOf(flow: FlowState): number[] {
  return actionsOf(flow).flatMap((action) => (action.type === 'meter' ? action.meterId : []));
}

function actionsOf(flow: FlowState): readonly Action[] {
  return instructionsFromBytes(flow.instructions).flatMap((instruction) =>
    instruction.type === 'apply_actions' ? instruction.actions : [],
  );
}

/** Bucket-wise changes of a group must start from what is there. */
function sameBuckets(one: GroupState, other: GroupState | undefined): boolean {
  const [a, b] = [one, other].map((group) => group?.buckets.map((bytes) => bytes.toString('hex')));
  return a?.join() === b?.join();
}

function applyStep(
  step: Step,
  flows: Map<string, InstalledFlow>,
  groups: Map<number, GroupState>,
): void {
  const refuse = (why: string): never => {
    throw new RejectedError(step, new Error(why));
  };
  switch (step.type) {
    case 'add_group':
      if (groups.has(step.group.groupId)) refuse('OFPGMFC_GROUP_EXISTS');
      groups.set(step.group.groupId, step.group);
      break;
    case 'modify_group':
      if (!groups.has(step.group.groupId)) refuse('OFPGMFC_UNKNOWN_GROUP');
      if (!sameBuckets(step.before, groups.get(step.group.groupId))) {
        refuse('a group-mod that starts from other buckets than the switch has');
      }
      groups.set(step.group.groupId, step.group);
      break;
    case 'put_flow':
      if (groupsOf(step.flow).some((id) => !groups.has(id))) refuse('OFPBAC_BAD_OUT_GROUP');
      flows.set(step.flow.key, installed(step.flow));
      break;
    case 'delete_flow':
      flows.delete(step.flow.key);
      break;
    case 'delete_group':
      groups.delete(step.group.groupId);
      for (const [key, flow] of flows) {
        if (groupsOf(flow).includes(step.group.groupId)) flows.delete(key);
      }
      break;
  }
}

function replace<K, V>(target: Map<K, V>, source: ReadonlyMap<K, V>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}

/** One link to a FakeSwitch. `log` holds what was asked of it; `hold` makes the next answer wait. */
export class FakeLink implements SwitchLink {
  readonly datapathId: bigint;
  readonly remoteAddress = '192.0.2.1';
  readonly log: string[] = [];
  readonly bundles: Step[][] = [];
  /** What was sent to ports. */
  readonly packets: { readonly ofport: number; readonly data: Buffer }[] = [];
  readonly passed: PassedPacket[] = [];
  closed: string | undefined;
  readonly #target: FakeSwitch;
  readonly #closeListeners: ((reason: string) => void)[] = [];
  readonly #packetListeners: ((packet: PuntedPacket) => void)[] = [];
  #master = false;
  #gate: Promise<void> | undefined;

  constructor(target: FakeSwitch, datapathId = 1n) {
    this.#target = target;
    this.datapathId = datapathId;
  }

  /** What is asked from now on is answered after the function that this gives is called. */
  hold(): () => void {
    let release = (): void => {};
    this.#gate = new Promise((resolve) => {
      release = () => {
        this.#gate = undefined;
        resolve();
      };
    });
    return () => release();
  }

  async takeRole(epoch: bigint): Promise<void> {
    await this.asked(`role ${epoch}`);
    if (epoch < this.#target.generation) throw new FencedError('stale');
    this.#target.generation = epoch;
    this.#master = true;
  }

  /** Another controller has become master. */
  demote(): void {
    this.#master = false;
  }

  async filledTables(): Promise<number[]> {
    await this.asked('tables');
    return [...new Set([...this.#target.flows.values()].map(({ table }) => table))];
  }

  async readTable(table: number): Promise<InstalledFlow[]> {
    await this.asked(`table ${table}`);
    return [...this.#target.flows.values()].filter((flow) => flow.table === table);
  }

  async readFlow({ key, cookie }: FlowState): Promise<InstalledFlow | undefined> {
    await this.asked('flow');
    const found = this.#target.flows.get(key);
    return found?.cookie === cookie ? found : undefined;
  }

  async readCounts(): Promise<FlowCount[]> {
    await this.asked('counts');
    return [];
  }

  async readGroups(): Promise<GroupState[]> {
    await this.asked('groups');
    return [...this.#target.groups.values()];
  }

  async readMeters(): Promise<MeterState[]> {
    await this.asked('meters');
    return [...this.#target.meters.values()];
  }

  flushZones(zones: Iterable<number>): void {
    for (const zone of zones) this.log.push(`flush ${zone}`);
  }

  async apply(steps: readonly Step[]): Promise<void> {
    await this.asked('bundle');
    if (!this.#master) throw new FencedError('we are not master any more');
    this.#target.apply(steps);
    this.bundles.push([...steps]);
  }

  async setMeters(steps: readonly MeterStep[]): Promise<void> {
    await this.asked(`meter mods ${steps.length}`);
    if (!this.#master) throw new FencedError('we are not master any more');
    for (const step of steps) this.#target.setMeter(step);
  }

  onPacket(listener: (packet: PuntedPacket) => void): void {
    this.#packetListeners.push(listener);
  }

  /** A flow hands a packet over. */
  punt(packet: PuntedPacket): void {
    for (const listener of this.#packetListeners) listener(packet);
  }

  sendPacket(ofport: number, data: Buffer): void {
    this.packets.push({ ofport, data });
  }

  passOn(packet: PassedPacket): void {
    this.passed.push(packet);
  }

  onFenced(_listener: () => void): void {}

  onClose(listener: (reason: string) => void): void {
    this.#closeListeners.push(listener);
  }

  close(reason: string): void {
    if (this.closed !== undefined) return;
    this.closed = reason;
    for (const listener of this.#closeListeners) listener(reason);
  }

  /** Resolves when the switch comes to it. */
  protected async asked(what: string): Promise<void> {
    this.log.push(what);
    await this.#gate;
    if (this.closed !== undefined) throw new Error(this.closed);
  }
}

type Rows = { readonly [N in keyof HostRows]: Map<string, HostRows[N]> };

/** A host's tables, as few as a test needs. */
export class FakeTables implements HostTables {
  readonly all: Rows = {
    Open_vSwitch: new Map(),
    Manager: new Map(),
    Bridge: new Map(),
    Controller: new Map(),
    Port: new Map(),
    Interface: new Map(),
    Flow_Table: new Map(),
    Datapath: new Map(),
    QoS: new Map(),
    Queue: new Map(),
  };

  constructor(externalIds: Readonly<Record<string, string>>) {
    this.setRoot(externalIds);
  }

  rows<N extends keyof HostRows>(table: N): ReadonlyMap<string, HostRows[N]> {
    return this.all[table];
  }

  setRoot(externalIds: Readonly<Record<string, string>>): void {
    this.all.Open_vSwitch.set(uuid(1), {
      _uuid: uuid(1),
      bridges: [],
      manager_options: [],
      external_ids: new Map(Object.entries(externalIds)),
      ovs_version: '3.1.0',
      datapath_types: ['netdev', 'system'],
      datapaths: new Map(),
    });
  }
}

export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

export class FakeDatabase implements HostDatabase {
  readonly tables: FakeTables;
  readonly remoteAddress = '192.0.2.1';
  readonly controllerTarget = 'tcp:192.0.2.9:6653';
  readonly managerTarget = 'tcp:192.0.2.9:6640';
  readonly transactions: (readonly Operation[])[] = [];
  alive = true;
  closed: string | undefined;
  /** The next transactions fail with this. */
  failure: Error | undefined;
  readonly #changeListeners: (() => void)[] = [];
  readonly #closeListeners: ((reason: string) => void)[] = [];

  constructor(tables: FakeTables) {
    this.tables = tables;
  }

  async transact(operations: readonly Operation[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.transactions.push(operations);
  }

  async probe(): Promise<boolean> {
    return this.alive;
  }

  onChange(listener: () => void): void {
    this.#changeListeners.push(listener);
  }

  onClose(listener: (reason: string) => void): void {
    this.#closeListeners.push(listener);
  }

  changed(): void {
    for (const listener of this.#changeListeners) listener();
  }

  close(reason: string): void {
    if (this.closed !== undefined) return;
    this.closed = reason;
    for (const listener of this.#closeListeners) listener(reason);
  }
}
