/** A host's database over a real connection: the replica of what we watch, and transactions. */
import type { Clock } from '../lib/clock.ts';
import { OPEN_VSWITCH, type Operation, type OvsdbClient, type Replica } from '../ovsdb/index.ts';
import { type HostRows, WATCHED } from './observe.ts';
import type { HostDatabase } from './ports.ts';

/** How long a host may take to answer before another that claims its name is believed. */
const PROBE_MS = 2000;

export interface DatabaseOptions {
  readonly clock: Clock;
  /** Port on which we listen for OVSDB; undefined for a host that we dialled. */
  readonly ovsdbPort: number | undefined;
  readonly openflowPort: number;
  /** The OpenFlow target that every host is given; absent: the address that this one dialled. */
  readonly advertise: string | undefined;
}

/** Reads what we watch; the host is known afterwards, if it says who it is. */
export async function openDatabase(
  client: OvsdbClient,
  options: DatabaseOptions,
): Promise<HostDatabase> {
  const replica = await client.monitor(OPEN_VSWITCH, WATCHED);
  return new ReplicaDatabase(client, replica, options);
}

class ReplicaDatabase implements HostDatabase {
  readonly tables: Replica<HostRows>;
  readonly remoteAddress: string;
  readonly controllerTarget: string;
  readonly managerTarget: string;
  readonly #client: OvsdbClient;
  readonly #clock: Clock;

  constructor(client: OvsdbClient, replica: Replica<HostRows>, options: DatabaseOptions) {
    const local = bracketed(client.localAddress);
    this.tables = replica;
    this.remoteAddress = client.remoteAddress;
    this.controllerTarget = options.advertise ?? `tcp:${local}:${options.openflowPort}`;
    this.managerTarget =
      options.ovsdbPort === undefined
        ? `dialled:${this.controllerTarget}`
        : `tcp:${local}:${options.ovsdbPort}`;
    this.#client = client;
    this.#clock = options.clock;
  }

  async transact(operations: readonly Operation[]): Promise<void> {
    await this.#client.transact(OPEN_VSWITCH, operations);
  }

  probe(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(PROBE_MS, () => resolve(false));
      const answer = (alive: boolean): void => {
        timer.cancel();
        resolve(alive);
      };
      this.#client.echo().then(
        () => answer(true),
        () => answer(false),
      );
    });
  }

  onChange(listener: () => void): void {
    this.tables.onUpdate(listener);
  }

  onClose(listener: (reason: string) => void): void {
    this.#client.onClose(listener);
  }

  close(reason: string): void {
    this.#client.close(reason);
  }
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
