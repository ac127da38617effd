/**
 * The way out of a host, where its operator has named it: a device in a bridge that is none of
 * ours, over which the tunnels go. What ports are promised is kept there, by one `QoS` row of ours
 * with a queue for each of them (`linux-htb`, ovs-vswitchd.conf.db(5)). A device that has a `QoS`
 * of somebody else is left alone.
 *
 * Rows of these two tables live until they are deleted, so that ours say whose they are.
 */
import type { SwitchConfig } from '../compiler/index.ts';
import {
  namedUuid,
  type Operation,
  type QoSColumns,
  type Uuid,
  type UuidRef,
  vswitch,
} from '../ovsdb/index.ts';
import { bridgeDatapathType, type HostRows, type HostTables, type Pairs } from './observe.ts';
import type { Repair } from './row-spec.ts';

/** On the Interface: whether it is the way out, and how fast where its device does not say. */
const [NAMED_KEY, RATE_KEY] = ['heddle-egress-iface', 'heddle-egress-kbps'] as const;
/** On rows of ours: the bridge whose ports they are for. */
const OWNER_KEY = 'heddle-bridge';
const TYPE = 'linux-htb';
/** The queue of whatever has none. */
const REST = 0;
const BITS_PER_KBIT = 1000;
/**
 * What a queue may send at once, in seconds of the whole rate. By default it is one packet: a
 * processor that is late by more than its time would give away what is promised.
 */
const BURST_S = 0.02;

type Interface = HostRows['Interface'];
type Port = HostRows['Port'];

export interface Uplink {
  readonly port: Port;
  /** Bits a second. */
  readonly rate: number;
}

/** Neither: nobody has named one. */
export interface UplinkFound {
  readonly uplink?: Uplink;
  /** Why what was named cannot be used. */
  readonly problem?: string;
}

export interface UplinkPlan extends Repair {
  readonly problem: string | undefined;
}

export function findUplink(tables: HostTables, bridgeName: string): UplinkFound {
  const named = namedPorts(tables, bridgeName);
  const [first, ...others] = named;
  if (first === undefined) return {};
  const { port, row } = first;
  const problem = (text: string): UplinkFound => ({ problem: `no promise is kept: ${text}` });
  if (others.length > 0) {
    return problem(`several ways out are named: ${named.map((each) => each.row.name).join(', ')}`);
  }
  if (bridgeDatapathType(tables, bridgeName) === 'netdev') {
    return problem('the userspace datapath has no queues');
  }
  const qos = port.qos === undefined ? undefined : tables.rows('QoS').get(port.qos);
  if (qos !== undefined && !isOurs(qos, bridgeName)) {
    return problem(`the port ${port.name} has a QoS of somebody else`);
  }
  const rate = rateOf(row);
  if (rate !== undefined) return { uplink: { port, rate } };
  return problem(`how fast ${row.name} is is not known: set external_ids:${RATE_KEY}`);
}

/**
 * What gives the way out its queues, and takes from the host what is not wanted any more.
 * @param promises kilobits a second by queue
 */
export function planUplink(
  tables: HostTables,
  { bridge }: SwitchConfig,
  promises: ReadonlyMap<number, number>,
): UplinkPlan {
  const { uplink, problem } = findUplink(tables, bridge);
  const plan = new Plan(tables, bridge);
  if (uplink === undefined || promises.size === 0) {
    plan.clear(NOTHING);
    return { ...plan.repair(), problem };
  }
  const promised = [...promises.values()].reduce((sum, kbps) => sum + kbps, 0) * BITS_PER_KBIT;
  plan.clear(plan.give(uplink, sharesOf(uplink.rate, promised, promises)));
  return {
    ...plan.repair(),
    problem: promised > uplink.rate ? tooMuch(uplink, promised) : problem,
  };
}

function tooMuch({ port, rate }: Uplink, promised: number): string {
  const [all, most] = [promised, rate].map((bits) => bits / BITS_PER_KBIT);
  return `ports are promised ${all} kbit/s of the ${most} of ${port.name}: each gets its part`;
}

/**
 * Bits a second by queue. All of them together are the rate: what nobody is promised is for those
 * without a promise. Otherwise the queues would share it in proportion to what they are promised.
 */
function sharesOf(
  rate: number,
  promised: number,
  promises: ReadonlyMap<number, number>,
): Map<number, number> {
  const part = Math.min(1, rate / promised);
  const shares = new Map([[REST, Math.max(0, rate - promised)]]);
  for (const [queueId, kbps] of promises) {
    shares.set(queueId, Math.floor(kbps * BITS_PER_KBIT * part));
  }
  return shares;
}

function isOurs({ external_ids }: { external_ids: Pairs }, bridgeName: string): boolean {
  return external_ids.get(OWNER_KEY) === bridgeName;
}

/** Undefined where nobody knows. */
function rateOf({ external_ids, link_speed }: Interface): number | undefined {
  const told = external_ids.get(RATE_KEY) ?? '';
  if (/^[1-9]\d{0,11}$/.test(told)) return Number(told) * BITS_PER_KBIT;
  return link_speed === undefined || link_speed <= 0 ? undefined : link_speed;
}

/** The ports of other bridges that are named, each with the first of its devices that is. */
function namedPorts(tables: HostTables, bridgeName: string): { port: Port; row: Interface }[] {
  const found: { port: Port; row: Interface }[] = [];
  for (const bridge of tables.rows('Bridge').values()) {
    if (bridge.name === bridgeName) continue;
    for (const uuid of bridge.ports) {
      const port = tables.rows('Port').get(uuid);
      const row = port?.interfaces
        .map((each) => tables.rows('Interface').get(each))
        .find((each) => each?.external_ids.get(NAMED_KEY) === 'true');
      if (port !== undefined && row !== undefined) found.push({ port, row });
    }
  }
  return found.sort((one, other) => (one.row.name < other.row.name ? -1 : 1));
}

/** Rows of ours that are wanted; new ones have no UUID yet. */
interface Kept {
  readonly qos: Uuid | undefined;
  readonly queues: ReadonlySet<UuidRef>;
}

const NOTHING: Kept = { qos: undefined, queues: new Set() };

/** Operations under construction, on rows that are ours. */
class Plan {
  readonly #tables: HostTables;
  readonly #bridge: string;
  readonly #operations: Operation[] = [];
  readonly #differences = new Set<string>();

  constructor(tables: HostTables, bridge: string) {
    this.#tables = tables;
    this.#bridge = bridge;
  }

  repair(): Repair {
    return { operations: this.#operations, differences: [...this.#differences] };
  }

  /** Gives a way out its queues, and makes those that it has as they should be. */
  give({ port, rate }: Uplink, shares: ReadonlyMap<number, number>): Kept {
    const row = port.qos === undefined ? undefined : this.#tables.rows('QoS').get(port.qos);
    const held = row?.queues ?? new Map<number, Uuid>();
    const queues = new Map<number, UuidRef>();
    for (const [queueId, share] of shares) {
      const burst = Math.ceil(rate * BURST_S);
      const wanted = rates({ 'min-rate': share, 'max-rate': rate, burst });
      queues.set(queueId, this.#queue(queueId, held.get(queueId), wanted));
    }
    const columns = { type: TYPE, other_config: rates({ 'max-rate': rate }), queues };
    if (row === undefined) this.#insert(port, columns);
    else if (
      row.type !== TYPE ||
      !samePairs(row.other_config, columns.other_config) ||
      !samePairs(held, queues)
    ) {
      this.#take('QoS', vswitch.update('QoS', is(row._uuid), columns));
    }
    return { qos: row?._uuid, queues: new Set(queues.values()) };
  }

  /** Takes away all that is ours, but for what is kept. */
  clear(kept: Kept): void {
    const gone = this.#ours('QoS').filter((uuid) => uuid !== kept.qos);
    for (const { _uuid, qos } of gone.length === 0 ? [] : this.#tables.rows('Port').values()) {
      if (qos === undefined || !gone.includes(qos)) continue;
      this.#take('Port.qos', vswitch.update('Port', is(_uuid), { qos: undefined }));
    }
    for (const uuid of gone) this.#take('QoS', vswitch.delete('QoS', is(uuid)));
    for (const uuid of this.#ours('Queue')) {
      if (!kept.queues.has(uuid)) this.#take('Queue', vswitch.delete('Queue', is(uuid)));
    }
  }

  #insert(port: Port, columns: QoSColumns): void {
    const row = { ...columns, external_ids: this.#mark() };
    this.#take(
      'QoS',
      vswitch.insert('QoS', row, { uuidName: 'uplink' }),
      vswitch.update('Port', is(port._uuid), { qos: namedUuid('uplink') }),
    );
  }

  #queue(queueId: number, uuid: Uuid | undefined, other_config: Pairs): UuidRef {
    const row = uuid === undefined ? undefined : this.#tables.rows('Queue').get(uuid);
    if (row === undefined) {
      const uuidName = `queue_${queueId}`;
      const columns = { other_config, external_ids: this.#mark() };
      this.#take('Queue', vswitch.insert('Queue', columns, { uuidName }));
      return namedUuid(uuidName);
    }
    if (!samePairs(row.other_config, other_config)) {
      this.#take('Queue', vswitch.update('Queue', is(row._uuid), { other_config }));
    }
    return row._uuid;
  }

  #ours(table: 'QoS' | 'Queue'): Uuid[] {
    const rows = [...this.#tables.rows(table).values()];
    return rows.filter((row) => isOurs(row, this.#bridge)).map(({ _uuid }) => _uuid);
  }

  #mark(): Pairs {
    return new Map([[OWNER_KEY, this.#bridge]]);
  }

  #take(difference: string, ...operations: Operation[]): void {
    this.#operations.push(...operations);
    this.#differences.add(difference);
  }
}

function is(uuid: Uuid) {
  return [['_uuid', '==', uuid as UuidRef] as const];
}

function rates(bits: Readonly<Record<string, number>>): Pairs {
  return new Map(Object.entries(bits).map(([key, value]) => [key, String(value)]));
}

function samePairs<K>(one: ReadonlyMap<K, unknown>, other: ReadonlyMap<K, unknown>): boolean {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
