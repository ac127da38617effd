/** Plugs interfaces straight through OVSDB, and knows at once when the switch has numbered them. */
import type { Ovs } from '../lab/ovs.ts';
import { nullLogger } from '../src/lib/log.ts';
import { systemClock } from '../src/lib/system.ts';
import {
  dialOvsdb,
  namedUuid,
  OPEN_VSWITCH,
  type OvsdbClient,
  vswitch,
} from '../src/ovsdb/index.ts';

interface NewInterface {
  readonly name: string;
  readonly ifaceId: string;
}

export interface Plugger {
  readonly client: OvsdbClient;
  /** Resolves when each interface has an ofport. */
  plug(interfaces: readonly NewInterface[]): Promise<number[]>;
}

export async function plugger(ovs: Ovs): Promise<Plugger> {
  const client = await dialOvsdb({
    target: `unix:${ovs.ovsdbSocket}`,
    clock: systemClock,
    log: nullLogger,
  });
  const replica = await client.monitor(OPEN_VSWITCH, {
    Interface: { columns: ['name', 'ofport'] },
  });
  const waiting = new Map<string, (ofport: number) => void>();
  replica.onUpdate((changes) => {
    for (const { after } of changes) {
      if (after?.ofport === undefined || after.ofport < 1) continue;
      waiting.get(after.name)?.(after.ofport);
      waiting.delete(after.name);
    }
  });
  return {
    client,
    async plug(interfaces) {
      const ofports = interfaces.map(
        ({ name }) => new Promise<number>((resolve) => waiting.set(name, resolve)),
      );
      await client.transact(OPEN_VSWITCH, plugOperations(interfaces));
      return Promise.all(ofports);
    },
  };
}

function plugOperations(interfaces: readonly NewInterface[]) {
  const inserts = interfaces.flatMap(({ name, ifaceId }, index) => [
    vswitch.insert(
      'Interface',
      { name, type: 'internal', external_ids: new Map([['iface-id', ifaceId]]) },
      { uuidName: `i${index}` },
    ),
    vswitch.insert(
      'Port',
      { name, interfaces: [namedUuid(`i${index}`)] },
      { uuidName: `p${index}` },
    ),
  ]);
  const ports = interfaces.map((_, index) => namedUuid(`p${index}`));
  const insert = [['ports', 'insert', ports]] as const;
  return [
    ...inserts,
    vswitch.mutate('Bridge', [['name', '==', 'br-int']], insert),
    vswitch.mutate('Open_vSwitch', [], [['next_cfg', '+=', 1]]),
  ];
}
