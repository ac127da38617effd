/** A tenant's day with the clients that tenants have, and with packets. */
import { until } from '../exec.ts';
import type { Lab } from '../lab.ts';
import { repositoryFile } from '../names.ts';
import { ping } from '../ping.ts';
import type { Vm } from '../vm.ts';
import type { OpenStack } from './openstack.ts';

/** One claim of the story, with whether it held. */
export type Check = (what: string, passed: boolean) => void;

/** A client's call takes a second or more. */
const ACTIVE_TIMEOUT_MS = 60_000;
const RANGE = '10.0.0.0/24';
const RANGE6 = 'fd00:1::/64';

interface WirePort {
  readonly id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

/** What a tenant has: a network of both families, and a VM on each host. */
export class Tenant {
  readonly name: string;
  readonly vms: Vm[] = [];
  readonly #lab: Lab;
  readonly #client: OpenStack;

  constructor(name: string, lab: Lab, client: OpenStack) {
    this.name = name;
    this.#lab = lab;
    this.#client = client;
  }

  get network(): string {
    return `net-${this.name}`;
  }

  get client(): OpenStack {
    return this.#client;
  }

  async createNetwork(): Promise<void> {
    const subnet = `subnet create --network ${this.network}`;
    await this.#client.script([
      `network create ${this.network}`,
      `${subnet} --subnet-range ${RANGE} ${this.network}-v4`,
      `${subnet} --ip-version 6 --subnet-range ${RANGE6} ${this.network}-v6`,
    ]);
  }

  async bootVms(): Promise<void> {
    for (const [index, host] of [...this.#lab.hosts.values()].entries()) {
      const name = `${this.name}${index + 1}`;
      const v4 = `--fixed-ip subnet=${this.network}-v4,ip-address=10.0.0.${11 + index}`;
      const v6 = `--fixed-ip subnet=${this.network}-v6`;
      const create = `port create --network ${this.network} ${v4} ${v6} ${name}-port`;
      await this.#client.run(...create.split(' '));
      const port = await this.port(name);
      const addresses = port.fixed_ips.map(({ ip_address }) => ({
        ip: ip_address,
        prefix: ip_address.includes(':') ? 64 : 24,
      }));
      const vm = await this.#lab.addVm(name, { host, mac: port.mac_address, addresses });
      await vm.plug(port.id);
      this.vms.push(vm);
    }
  }

  port(vm: string): Promise<WirePort> {
    return this.#client.json('port', 'show', `${vm}-port`);
  }

  async becomes(vm: string, status: string): Promise<void> {
    const has = async (): Promise<boolean> => (await this.port(vm)).status === status;
    await until(has, `port ${vm}-port to be ${status}`, ACTIVE_TIMEOUT_MS);
  }

  async deleteAll(): Promise<void> {
    await this.#client.script([
      ...this.vms.map(({ name }) => `port delete ${name}-port`),
      `network delete ${this.network}`,
    ]);
  }
}

/** Builds, changes and takes down; every step is checked with packets where packets can tell. */
export async function tenantsDay(tenants: readonly Tenant[], check: Check): Promise<void> {
  for (const tenant of tenants) {
    await tenant.createNetwork();
    await tenant.bootVms();
    for (const { name } of tenant.vms) await tenant.becomes(name, 'ACTIVE');
    check(`${tenant.name}: network, subnets and ports made; every port ACTIVE`, true);
  }
  for (const tenant of tenants) await checkReachability(tenant, tenants, check);
  const [first] = tenants;
  if (first === undefined) return;
  await checkSdk(first, check);
  await checkSwitchingOff(first, check);
  for (const tenant of tenants) await tenant.deleteAll();
  const left = await first.client.json<unknown[]>('network', 'list');
  check('everything deleted; no network is left', left.length === 0);
}

async function checkReachability(
  tenant: Tenant,
  tenants: readonly Tenant[],
  check: Check,
): Promise<void> {
  const [one, other] = tenant.vms;
  if (one === undefined || other === undefined) throw new Error('a tenant needs two hosts');
  for (const family of ['ipv4', 'ipv6'] as const) {
    const { answered } = await ping(one, other.address(family));
    check(`${one.name} reaches ${other.name} on another host, ${family}`, answered);
  }
  const strangers = tenants.filter((each) => each !== tenant).flatMap(({ vms }) => vms);
  const foreign = strangers
    .map((vm) => vm.address('ipv6'))
    .filter((address) => tenant.vms.every((vm) => vm.address('ipv6') !== address));
  for (const address of foreign) {
    const { answered } = await ping(one, address);
    check(`${one.name} does not reach ${address} of another tenant`, !answered);
  }
}

interface Seen {
  readonly mtu: number;
  readonly subnets: readonly string[];
  readonly ports: Readonly<Record<string, readonly string[]>>;
  readonly tagged: readonly string[];
}

async function checkSdk({ client, network, vms }: Tenant, check: Check): Promise<void> {
  const seen: Seen = JSON.parse(
    await client.python(repositoryFile('lab/acceptance/sdk.py'), network),
  );
  const expected = vms.map(({ name }) => `${name}-port`).sort();
  const isWhole =
    seen.subnets.join() === [RANGE, RANGE6].join() &&
    Object.keys(seen.ports).sort().join() === expected.join() &&
    Object.values(seen.ports).every(([status]) => status === 'ACTIVE');
  check(`openstacksdk sees the subnets and pages through the ports of ${network}`, isWhole);
  check('openstacksdk finds it by its tag', seen.tagged.join() === network);
}

async function checkSwitchingOff(tenant: Tenant, check: Check): Promise<void> {
  const [one, other] = tenant.vms;
  if (one === undefined || other === undefined) throw new Error('a tenant needs two hosts');
  await tenant.client.run('port', 'set', '--disable', `${other.name}-port`);
  await tenant.becomes(other.name, 'DOWN');
  const off = await ping(one, other.address('ipv4'));
  check(`${other.name}'s port set --disable: DOWN, and out of reach`, !off.answered);
  await tenant.client.run('port', 'set', '--enable', `${other.name}-port`);
  await tenant.becomes(other.name, 'ACTIVE');
  const on = await ping(one, other.address('ipv4'));
  check(`set --enable: ACTIVE, and within reach`, on.answered);
}
