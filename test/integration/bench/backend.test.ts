/**
 * Goal: the back end answers a request of the line protocol when the host holds what it says.
 * Method: the program itself, driven line by line; a real sandbox switch whose interfaces are named
 * as the workload names its ports; flows are looked for by their MAC address.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ovs } from '../../../lab/ovs.ts';
import { startSandbox } from '../../support/sandbox.ts';

const RULE = { dir: 'in', ip: 4, proto: 'icmp', remote: null, dports: null };
const ALLOW = { ...RULE, action: 'allow', priority: 1002 };
const SWITCH = { name: 'sw0', cidr: '10.1.0.0/24', gateway: '10.1.0.1' };
const WORKLOAD = {
  hosts: ['host0', 'sim0'],
  routers: [{ name: 'r0', switches: ['sw0'] }],
  switches: [{ ...SWITCH, gateway_mac: '0a:00:00:00:00:01' }],
  groups: [{ name: 'g_sw0', rules: [ALLOW, { ...ALLOW, remote: '@g_sw0' }] }],
  ports: [port('p0', 10, 'host0'), port('p1', 11, 'sim0')],
};

let host: Ovs;
let backend: ChildProcess;
const answers = new Map<number, unknown>();
let arrived: () => void = () => {};

beforeAll(async () => {
  host = await startSandbox('host0');
  const plugged = ['p0', 'x0'].flatMap((name) => {
    const named = ['set', 'Interface', name, `external_ids:iface-id=${name}`];
    return ['--', 'add-port', 'br-int', name, '--', ...named];
  });
  await host.vsctl('add-br', 'br-int', ...plugged);
  backend = spawn(process.execPath, ['dist/bench/backend.js'], {
    env: { ...process.env, OVS_RUNDIR: host.dir },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (backend.stdout === null) throw new Error('the back end has no output');
  createInterface({ input: backend.stdout }).on('line', (line) => {
    const { id, ...answer } = JSON.parse(line) as { id: number };
    answers.set(id, answer);
    arrived();
  });
});

afterAll(async () => {
  const ended = once(backend, 'exit');
  backend.kill('SIGTERM');
  await ended;
  await host.stop();
});

test('a workload is on the switch when it has been loaded, and a port as long as it is there', async () => {
  const named = {
    name: 'host0',
    ovsdb: `unix:${host.ovsdbSocket}`,
    rundir: host.dir,
    mgmt_ip: null,
    tunnel_ip: '198.18.1.1',
  };
  expect(await ask(1, { op: 'hosts', hosts: [named] })).toEqual({ done: true });
  expect(await ask(2, { op: 'load', workload: WORKLOAD, simulated: ['sim0'] })).toEqual({
    done: true,
  });
  expect(await flows(10)).toBeGreaterThan(0);
  expect(await flows(11), 'of a port on a host that is a record alone').toBeGreaterThan(0);

  const added = port('x0', 12, 'host0');
  expect(await ask(3, { op: 'port-add', port: added })).toEqual({ done: true });
  expect(await flows(12)).toBeGreaterThan(0);
  expect(await ask(4, { op: 'port-del', port: added })).toEqual({ done: true });
  expect(await flows(12)).toBe(0);

  const drop = { ...RULE, action: 'drop', priority: 2000 };
  const rule = { op: 'rule-add', group: 'g_sw0', rule: drop, key: 'k0' };
  expect(await ask(5, rule)).toEqual({ done: true });
  expect(await ask(6, { op: 'rule-del', group: 'g_sw0', key: 'k0' })).toEqual({ done: true });
  expect(await ask(7, { op: 'sync' })).toEqual({ done: true });
});

test('what cannot be done is answered with an error', async () => {
  const unknown = port('nobody', 13, 'host0');
  expect(await ask(8, { op: 'port-add', port: unknown })).toHaveProperty('error');
});

function port(name: string, n: number, on: string) {
  const mac = `0a:00:00:00:00:${n.toString(16).padStart(2, '0')}`;
  return { name, switch: 'sw0', host: on, mac, ip: `10.1.0.${n}`, groups: ['g_sw0'] };
}

async function ask(id: number, request: object): Promise<unknown> {
  const answered = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  backend.stdin?.write(`${JSON.stringify({ id, ...request })}\n`);
  await answered;
  return answers.get(id);
}

/** Flows that name the MAC address of a port. */
async function flows(n: number): Promise<number> {
  const text = await host.ofctl('dump-flows', 'br-int');
  return text.split(port('', n, '').mac).length - 1;
}
