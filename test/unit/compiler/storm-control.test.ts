/**
 * Goal: what a port sends to many goes through a meter of its own, for a flow and a meter a port at
 * most; a setting that changes changes meters alone.
 * Method: units of a small topology as text, compiled with several settings.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import {
  type CompilerSettings,
  compileHost,
  compileUnit,
  DesiredState,
  UnitCache,
} from '../../../src/compiler/index.ts';
import {
  METER_KINDS,
  METERED_PORT_MAX,
  METERS_PER_PORT,
  portMeter,
  StormControl,
  TABLE_NAMES,
} from '../../../src/pipeline/index.ts';
import type { AnyRecord, RecordKey } from '../../../src/topology/index.ts';
import { flowLine, meterLines } from '../../support/world-text.ts';

const topology = topologyOf(
  new Map<RecordKey, AnyRecord>([
    ['host/a', host('a', '198.18.0.1')],
    ['network/net', network('net', 101)],
    ['port/web', port('web', { network: 'net', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] })],
    ['binding/web', binding('web', 'a', 3)],
  ]),
);

const OFF: CompilerSettings = { storm: undefined, snooping: true };
const limitedTo = (rate: number, burst = rate): CompilerSettings => ({
  storm: { rate, burst },
  snooping: true,
});

function stormOf(settings?: CompilerSettings): { flows: string[]; meters: string[] } {
  const unit = compileUnit(topology, 'a', 'local-port/web', settings);
  const flows = (unit?.flows ?? []).filter(({ table }) => table === StormControl.id);
  const own = (unit?.meters ?? []).filter(({ meterId }) => meterId === portMeter('storm', 3));
  return {
    flows: flows.map(({ table, priority, match, instructions }) =>
      flowLine({ table, priority, cookie: 0n, match, instructions }, { tableNames: TABLE_NAMES }),
    ),
    meters: meterLines(own),
  };
}

function stateOf(settings?: CompilerSettings): DesiredState {
  const state = new DesiredState();
  state.apply(compileHost(topology, 'a', new UnitCache(settings).compile));
  return state;
}

test('what a port sends to many goes through its meter', () => {
  const flow =
    'table=StormControl, priority=100,reg14=0x3,dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 actions=meter:34,goto_table:L2Forwarding';
  const metered = (rate: number, burst: number) => ({
    flows: [flow],
    meters: [`meter=34 pktps burst stats bands=\ntype=drop rate=${rate} burst_size=${burst}`],
  });
  expect(stormOf()).toEqual(metered(1000, 1000));
  expect(stormOf(limitedTo(50, 200))).toEqual(metered(50, 200));
  expect(stormOf(OFF)).toEqual({ flows: [], meters: [] });
});

test('a limit costs a flow and a meter a port', () => {
  const [with_, without] = [stateOf(), stateOf(OFF)];
  expect(with_.flowCount - without.flowCount).toBe(1);
  expect([...with_.meters()].length - [...without.meters()].length).toBe(1);
});

test('another limit is another meter, and no other flow', () => {
  const [one, other] = [stateOf(limitedTo(1000)), stateOf(limitedTo(2000))];
  for (const table of one.tables()) {
    const hashes = [one, other].map((state) => state.flowsOf(table).map(({ hash }) => hash));
    expect(hashes[0]).toEqual(hashes[1]);
  }
  expect(meterLines(one.meters())).not.toEqual(meterLines(other.meters()));
});

test('a port has room for every kind of meter, and the last port for all of its own', () => {
  expect(Math.max(...Object.values(METER_KINDS))).toBeLessThan(METERS_PER_PORT);
  const last = METERED_PORT_MAX * METERS_PER_PORT + METERS_PER_PORT;
  expect(last).toBeLessThanOrEqual(2 ** 18);
  expect(portMeter('storm', METERED_PORT_MAX)).toBeLessThanOrEqual(last);
});
