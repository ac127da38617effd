/**
 * Goal: a packet that a flow hands over becomes a line that says what happened, for the logs that
 * asked for it and no others; no flood costs more than its allowance.
 * Method: packets as the fleet gives them, a topology in memory, a clock that the test moves.
 */
import { beforeEach, expect, test } from 'vitest';
import { type Ends, udp } from '../../../../lab/frames.ts';
import {
  network,
  networkLog,
  port,
  securityGroup,
  securityGroupRule,
} from '../../../../lab/records.ts';
import { ruleMark } from '../../../../src/compiler/index.ts';
import {
  type ConnectionLine,
  ConnectionLog,
} from '../../../../src/controller/logs/connection-log.ts';
import type { ServicePacket } from '../../../../src/fleet/index.ts';
import { nullLogger } from '../../../../src/lib/log.ts';
import { type Logged, loggedBytes } from '../../../../src/pipeline/index.ts';
import { type AnyRecord, type RecordKey, Topology } from '../../../../src/topology/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const ENDS: Ends = {
  source: '02:00:00:00:00:01',
  destination: '02:00:00:00:00:02',
  sourceIp: '10.0.0.1',
  destinationIp: '10.0.0.2',
};
const FRAME = udp(ENDS, { from: 1234, to: 53 }, Buffer.alloc(0));

let clock: VirtualClock;
let topology: Topology;
let log: ConnectionLog;
let lines: ConnectionLine[];
/** What other controllers are told, and who listens to what they tell. */
let told: object[];
let ears: Set<(line: object) => void>;

beforeEach(() => {
  clock = new VirtualClock();
  topology = new Topology();
  const p = port('p', { network: 'n', mac: ENDS.destination, ips: [] });
  put({
    'network/n': network('n', 7),
    'port/p': { ...p, security_groups: ['g', 'h'] },
    'security_group/g': securityGroup('g', 1),
    'security_group/h': securityGroup('h', 2),
    'security_group_rule/r': securityGroupRule('r', 'g'),
    'security_group_rule/s': securityGroupRule('s', 'h'),
  });
  lines = [];
  const write = (line: ConnectionLine): void => void lines.push(line);
  told = [];
  ears = new Set();
  const others = {
    publish: (line: object) => void told.push(line),
    listen: (ear: (line: object) => void) => {
      ears.add(ear);
      return () => ears.delete(ear);
    },
  };
  log = new ConnectionLog({ topology, clock, log: nullLogger, write, others });
});

function put(records: Readonly<Record<RecordKey, AnyRecord>>): void {
  const puts = Object.entries(records).map(([key, value]) => ({ key: key as RecordKey, value }));
  topology.apply({ revision: topology.revision + 1, at: '', puts, deletes: [] });
}

function packet(logged: Partial<Logged>, ruleId?: string): ServicePacket {
  const parameters = loggedBytes({
    portId: 'p',
    direction: 'ingress',
    verdict: 'ACCEPT',
    ...logged,
  });
  const mark = BigInt(ruleId === undefined ? 0 : ruleMark(ruleId));
  return {
    hostId: 'h1',
    service: 'log',
    parameters,
    cookie: 1n,
    ofport: 1,
    vni: 7,
    metadata: { in_port: 1, xreg2: (5n << 32n) | mark },
    data: FRAME,
  };
}

test('a connection that is let through is told with its rule and all that it is', () => {
  put({ 'log/l': networkLog('l', { target_id: 'p' }) });
  log.take(packet({}, 'r'));
  expect(lines).toEqual([
    {
      time: '2026-01-01T00:00:00.000Z',
      verdict: 'ACCEPT',
      direction: 'ingress',
      src: '10.0.0.1',
      dst: '10.0.0.2',
      protocol: 'udp',
      src_port: 1234,
      dst_port: 53,
      project_id: 'tenant',
      network_id: 'n',
      port_id: 'p',
      rule_id: 'r',
      security_group_id: 'g',
      host: 'h1',
      logs: ['l'],
    },
  ]);
});

test('what is dropped has no rule, whatever an earlier table has found', () => {
  put({ 'log/l': networkLog('l', { target_id: 'p' }) });
  log.take(packet({ verdict: 'DROP', direction: 'egress' }, 'r'));
  expect(lines).toMatchObject([
    { verdict: 'DROP', direction: 'egress', rule_id: null, security_group_id: null },
  ]);
});

test.each([
  ['of the port', { target_id: 'p' }, ['r', 's', 'DROP']],
  ['of the project', {}, ['r', 's', 'DROP']],
  ['of a group', { resource_id: 'g' }, ['r', 'DROP']],
  ['of the port in a group', { resource_id: 'h', target_id: 'p' }, ['s', 'DROP']],
  ['of what is let through', { event: 'ACCEPT' }, ['r', 's']],
  ['of what is dropped', { event: 'DROP' }, ['DROP']],
  ['that rests', { enabled: false }, []],
  ['of another project', { project_id: 'other' }, []],
  ['of another port', { target_id: 'q' }, []],
  ['of a group that the port is not in', { resource_id: 'x', target_id: 'p' }, []],
] as const)('a log %s tells what it is meant to tell', (_, attributes, expected) => {
  put({ 'log/l': networkLog('l', attributes) });
  log.take(packet({}, 'r'));
  log.take(packet({}, 's'));
  log.take(packet({ verdict: 'DROP' }));
  expect(lines.map(({ rule_id, verdict }) => rule_id ?? verdict)).toEqual(expected);
});

test('one line names all logs that asked for it', () => {
  put({
    'log/l': networkLog('l', { target_id: 'p' }),
    'log/m': networkLog('m', { resource_id: 'g', event: 'ACCEPT' }),
    'log/n': networkLog('n', { event: 'DROP' }),
  });
  log.take(packet({}, 'r'));
  log.take(packet({ verdict: 'DROP' }));
  expect(lines.map(({ logs }) => [...logs].sort())).toEqual([
    ['l', 'm'],
    ['l', 'n'],
  ]);
});

test('whoever watches is told until they have enough', () => {
  put({ 'log/l': networkLog('l') });
  const told: ConnectionLine[] = [];
  const stop = log.watch((line) => void told.push(line));
  log.take(packet({}, 'r'));
  stop();
  log.take(packet({}, 'r'));
  expect([told.length, lines.length]).toEqual([1, 2]);
});

test('each controller tells the others of its hosts, and who watches hears theirs', () => {
  put({ 'log/l': networkLog('l') });
  const heard: ConnectionLine[] = [];
  log.take(packet({}, 'r'));
  expect(told).toEqual(lines);
  expect(ears.size).toBe(0);
  const stops = [0, 1].map(() => log.watch((line) => void heard.push(line)));
  expect(ears.size).toBe(1);
  for (const ear of ears) ear(told[0] ?? {});
  expect(heard).toEqual([...lines, ...lines]);
  // What others have told is written down and told on by them alone.
  expect([told.length, lines.length]).toEqual([1, 1]);
  for (const stop of stops) stop();
  expect(ears.size).toBe(0);
});

test('a flood of all hosts together is cut to two thousand lines a second', () => {
  put({ 'log/l': networkLog('l') });
  for (let ms = 0; ms < 3_000; ms++) {
    for (let count = 0; count < 10; count++) log.take(packet({ verdict: 'DROP' }));
    clock.advance(1);
  }
  expect(lines.length).toBeGreaterThan(7_900);
  expect(lines.length).toBeLessThanOrEqual(8_000);
});

test('a packet of nobody, or of no protocol that is logged, is passed over', () => {
  put({ 'log/l': networkLog('l') });
  log.take(packet({ portId: 'gone' }));
  log.take({ ...packet({}), data: Buffer.alloc(3) });
  log.take({ ...packet({}), parameters: Buffer.alloc(0) });
  expect(lines).toEqual([]);
});
