/**
 * A host in memory: one database and one switch, and connections of each controller to both, which
 * take their time and break. The switch has one master; it and the database know the newest epoch.
 */
import type { Step } from '../../src/fleet/changes.ts';
import type { Fleet } from '../../src/fleet/index.ts';
import type { MeterStep } from '../../src/fleet/order.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type Operation, TimedOutError } from '../../src/ovsdb/index.ts';
import { FakeDatabase, FakeLink, FakeSwitch, FakeTables, uuid } from './fake-switch.ts';
import type { SeededRandom } from './world-random.ts';

const WIRE_MS_MAX = 4;

export interface Surroundings {
  readonly clock: Clock;
  readonly random: SeededRandom;
}

/** What one controller has of a host. */
interface Bond {
  readonly database: SimulatedDatabase;
  link: SimulatedLink | undefined;
}

export class SimulatedHost {
  readonly id: string;
  readonly switch = new FakeSwitch();
  readonly links = new Set<SimulatedLink>();
  /** Port numbers by the name of the VIF that is plugged in there. */
  readonly plugged = new Map<string, number>();
  readonly #datapathId: bigint;
  readonly #surroundings: Surroundings;
  readonly #ids: Map<string, string>;
  readonly #tables: FakeTables;
  readonly #bonds = new Map<Fleet, Bond>();

  constructor(number: number, surroundings: Surroundings) {
    this.id = `host-${number}`;
    this.#datapathId = BigInt(number);
    this.#surroundings = surroundings;
    this.#ids = new Map([
      ['system-id', this.id],
      ['heddle-encap-ip', `198.18.0.${number}`],
    ]);
    this.#tables = new FakeTables(Object.fromEntries(this.#ids));
    this.#show();
  }

  /** Dials a controller, for whatever it has no connection for. */
  dial(fleet: Fleet): void {
    const bond = this.#bonds.get(fleet);
    if (bond === undefined || bond.database.closed !== undefined) {
      const database = new SimulatedDatabase(this, this.#tables, this.#surroundings);
      this.#bonds.set(fleet, { database, link: bond?.link });
      fleet.admit(database).catch((error: unknown) => database.close(String(error)));
    } else if (bond.link === undefined || bond.link.closed !== undefined) {
      bond.link = new SimulatedLink(this, this.#datapathId, this.#surroundings);
      this.links.add(bond.link);
      fleet.enter(bond.link);
    }
  }

  /** Loses what connects it to a controller: the switch's part, or both. */
  cut(fleet: Fleet, parts: 'link' | 'both'): void {
    const bond = this.#bonds.get(fleet);
    bond?.link?.close('cut');
    if (parts === 'both') bond?.database.close('cut');
  }

  /** The switch starts anew, and holds nothing. */
  restart(): void {
    for (const link of this.links) link.close('the switch restarts');
    this.switch.flows.clear();
    this.switch.groups.clear();
    this.switch.meters.clear();
    this.switch.generation = 0n;
  }

  plug(name: string, ofport: number): void {
    this.plugged.set(name, ofport);
    this.#show();
  }

  unplug(name: string): void {
    this.plugged.delete(name);
    this.#show();
  }

  get epoch(): bigint {
    return BigInt(this.#ids.get('heddle-epoch') ?? 0);
  }

  set epoch(epoch: bigint) {
    this.#ids.set('heddle-epoch', `${epoch}`);
    this.#show();
  }

  /** One is master, and all others are told that they are not. */
  becomeMaster(master: SimulatedLink): void {
    for (const link of this.links) if (link !== master) link.demote();
  }

  #show(): void {
    const { all } = this.#tables;
    this.#tables.setRoot(Object.fromEntries(this.#ids));
    all.Port.clear();
    all.Interface.clear();
    const ports = [...this.plugged].map(([name, ofport], index) => {
      const [port, row] = [uuid(1000 + index), uuid(2000 + index)];
      all.Port.set(port, { _uuid: port, name: `tap-${name}`, interfaces: [row] } as never);
      const ids = new Map([['iface-id', name]]);
      const columns = { type: '', options: new Map(), ofport, external_ids: ids };
      all.Interface.set(row, { _uuid: row, name: `tap-${name}`, ...columns } as never);
      return port;
    });
    const datapath_id = this.#datapathId.toString(16).padStart(16, '0');
    const bridge = { _uuid: uuid(2), name: 'br-int', datapath_id, datapath_type: '', ports };
    all.Bridge.set(uuid(2), { ...bridge, ...NO_COLUMNS } as never);
    for (const { database } of this.#bonds.values()) database.shown();
  }
}

const NO_COLUMNS = {
  controller: [],
  protocols: [],
  flow_tables: new Map(),
  other_config: new Map(),
  external_ids: new Map(),
};

function wire({ clock, random }: Surroundings): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(random.integer(WIRE_MS_MAX), resolve);
  });
}

class SimulatedDatabase extends FakeDatabase {
  readonly #host: SimulatedHost;
  readonly #surroundings: Surroundings;

  constructor(host: SimulatedHost, tables: FakeTables, surroundings: Surroundings) {
    super(tables);
    this.#host = host;
    this.#surroundings = surroundings;
  }

  /** Of what is written the host keeps the epoch; its rows are as they should be in any case. */
  override async transact(operations: readonly Operation[]): Promise<void> {
    await this.#reached();
    const text = JSON.stringify(operations);
    const raised = /"insert",\["map",\[\["heddle-epoch","(\d+)"/.exec(text)?.[1];
    const held = /"includes",\["map",\[\["heddle-epoch","(\d+)"/.exec(text)?.[1];
    const isOver = held !== undefined && BigInt(held) !== this.#host.epoch;
    const isBehind = raised !== undefined && BigInt(raised) <= this.#host.epoch;
    if (isOver || isBehind) throw new TimedOutError({ error: 'timed out' });
    if (raised !== undefined) this.#host.epoch = BigInt(raised);
    await this.#reached();
  }

  /** Its rows are others. */
  shown(): void {
    if (this.closed === undefined) this.changed();
  }

  async #reached(): Promise<void> {
    await wire(this.#surroundings);
    if (this.closed !== undefined) throw new Error(this.closed);
  }
}

class SimulatedLink extends FakeLink {
  readonly #host: SimulatedHost;
  readonly #surroundings: Surroundings;
  readonly #fenced: (() => void)[] = [];
  #isMaster = false;
  /** What was asked before is done before. */
  #before: Promise<void> = Promise.resolve();

  constructor(host: SimulatedHost, datapathId: bigint, surroundings: Surroundings) {
    super(host.switch, datapathId);
    this.#host = host;
    this.#surroundings = surroundings;
    this.onClose(() => host.links.delete(this));
  }

  override async takeRole(epoch: bigint): Promise<void> {
    await super.takeRole(epoch);
    this.#isMaster = true;
    this.#host.becomeMaster(this);
    await this.#answered();
  }

  override demote(): void {
    super.demote();
    if (this.#isMaster) for (const listener of this.#fenced) listener();
    this.#isMaster = false;
  }

  override onFenced(listener: () => void): void {
    this.#fenced.push(listener);
  }

  override async apply(steps: readonly Step[]): Promise<void> {
    await super.apply(steps);
    await this.#answered();
  }

  override async setMeters(steps: readonly MeterStep[]): Promise<void> {
    await super.setMeters(steps);
    await this.#answered();
  }

  protected override async asked(what: string): Promise<void> {
    const before = this.#before;
    const reached = before.then(() => wire(this.#surroundings));
    this.#before = reached;
    await reached;
    await super.asked(what);
  }

  /** It was done, and the answer may be lost. */
  async #answered(): Promise<void> {
    await wire(this.#surroundings);
    if (this.closed !== undefined) throw new Error(this.closed);
  }
}
