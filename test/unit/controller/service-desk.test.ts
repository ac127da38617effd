/**
 * Goal: a packet of a guest is answered to the port that asks and to nobody else; one that cannot
 * be answered costs a count.
 * Method: a topology in memory and a service that the test plays.
 */
import { expect, test } from 'vitest';
import { binding, host, network, port } from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import { ServiceDesk, type ServiceHandler } from '../../../src/controller/service-desk.ts';
import type { ServicePacket } from '../../../src/fleet/index.ts';
import { PASSED_ON } from '../../../src/services/index.ts';
import type { AnyRecord, RecordKey } from '../../../src/topology/index.ts';
import { FleetRecord } from '../../support/fleet-host.ts';

const RECORDS: Readonly<Partial<Record<RecordKey, AnyRecord>>> = {
  'host/h': host('h', '198.18.0.1'),
  'network/red': network('red', 7),
  'network/down': network('down', 8, { admin_state_up: false }),
  'port/a': port('a', { network: 'red', mac: '02:00:00:00:00:0a', ips: [] }),
  'port/b': port('b', { network: 'down', mac: '02:00:00:00:00:0b', ips: [] }),
  'binding/a': binding('a', 'h', 3),
  'binding/b': binding('b', 'h', 4),
};

function desk(handler?: ServiceHandler) {
  const topology = topologyOf(Object.entries(RECORDS) as Row[]);
  const sent: string[] = [];
  const passed: ServicePacket[] = [];
  const record = new FleetRecord();
  const handlers = handler === undefined ? {} : { dhcpv4: handler };
  const send = (hostId: string, ofport: number, frame: Buffer): void =>
    void sent.push(`${hostId} ${ofport} ${frame.toString()}`);
  return {
    desk: new ServiceDesk({
      topology,
      send,
      passOn: (packet) => void passed.push(packet),
      handlers,
      log: record.logger(),
    }),
    sent,
    passed,
    record,
  };
}

function packet(more: Partial<ServicePacket> = {}): ServicePacket {
  const said = { parameters: Buffer.alloc(0), cookie: 0n, metadata: {}, data: Buffer.from('?') };
  return { hostId: 'h', service: 'dhcpv4', ofport: 3, vni: 7, ...said, ...more };
}

test('the service is told who asks, and its answer goes back to that port', () => {
  const { desk: it, sent } = desk((asker, { data }) => [
    Buffer.from(`${data.toString()} ${asker.port.id}`),
  ]);
  it.take(packet());
  expect(sent).toEqual(['h 3 ? a']);
});

test('what is somebody else’s to answer goes on, and costs no line', () => {
  const { desk: it, sent, passed, record } = desk(() => PASSED_ON);
  const asked = packet();
  it.take(asked);
  expect({ sent, passed, lines: record.lines }).toEqual({ sent: [], passed: [asked], lines: [] });
});

test.each([
  ['another port number', packet({ ofport: 9 }), 'no such port'],
  ['another network', packet({ vni: 8 }), 'no such port'],
  ['a network that is down', packet({ ofport: 4, vni: 8 }), 'no such port'],
  ['another host', packet({ hostId: 'x' }), 'no such port'],
  ['another service', packet({ service: 'dhcpv6' }), 'no such service'],
])('a packet of %s is not answered', (_, asked, outcome) => {
  const { desk: it, sent, record } = desk(() => [Buffer.from('never')]);
  it.take(asked);
  expect(sent).toEqual([]);
  expect(record.lines).toMatchObject([{ outcome, count: 1 }]);
});

test('a guest that asks in vain again and again does not fill the log', () => {
  const { desk: it, record } = desk(() => 'not mine');
  for (let turn = 0; turn < 1000; turn++) it.take(packet());
  expect(record.lines).toHaveLength(10);
  expect(record.lines.at(-1)).toMatchObject({ outcome: 'not mine', count: 512 });
});
