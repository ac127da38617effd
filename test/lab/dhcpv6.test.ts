/**
 * Goal: a VM gets its IPv6 address by the way that its subnet says, and a default route only where
 * there is a router.
 * Method: the kernel's own SLAAC, and the DHCPv6 clients of Debian, unmodified, in VMs.
 */
import { expect } from 'vitest';
import { Capture, captureIncoming } from '../../lab/capture.ts';
import type { Cloud, CloudNetwork } from '../../lab/cloud.ts';
import { DhcpClient, type DhcpClientKind } from '../../lab/dhcp.ts';
import { until } from '../../lab/exec.ts';
import type { Host } from '../../lab/host.ts';
import { ping } from '../../lab/ping.ts';
import type { Vm } from '../../lab/vm.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, useCloud } from '../support/lab-cloud.ts';

const ROUTED = 'fe80::';
const ASKING_KERNEL = {
  'net.ipv6.conf.eth0.accept_ra': 1,
  'net.ipv6.conf.eth0.autoconf': 1,
  'net.ipv6.conf.eth0.router_solicitations': 3,
} as const;

type Mode = 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless';

/** Takes in what is advertised and asks nobody. */
const LISTENING_KERNEL = {
  ...ASKING_KERNEL,
  'net.ipv6.conf.eth0.router_solicitations': 0,
} as const;

labDescribe('networks of IPv6', () => {
  let cloud: Cloud;
  let host: Host;
  const networks = new Map<Mode, CloudNetwork>();
  let count = 0;

  useCloud({ hosts: 1 }, async (started, hosts) => {
    cloud = started;
    host = at(hosts, 0);
    for (const [index, mode] of (
      ['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'] as const
    ).entries()) {
      const subnet = {
        ipv6_address_mode: mode,
        ipv6_ra_mode: mode,
        dns_nameservers: ['2001:db8::53'],
      };
      const cidrs = [`fd00:${index + 1}::/64`];
      networks.set(mode, await cloud.network(`net${index}`, { cidrs, subnet }));
    }
  });

  function networkOf(mode: Mode): CloudNetwork {
    const network = networks.get(mode);
    if (network === undefined) throw new Error(`no network of ${mode}`);
    return network;
  }

  async function boot(mode: Mode, isBare = true): Promise<Vm> {
    count += 1;
    const vm = await cloud.boot(`vm${count}`, networkOf(mode), host, { isBare });
    await cloud.realized(vm);
    return vm;
  }

  function start(vm: Vm, kind: DhcpClientKind, isInformed = false): Promise<DhcpClient> {
    const options = { family: 'ipv6', labDir: cloud.labDir, isInformed } as const;
    return DhcpClient.start(vm, kind, options);
  }

  async function askRouters(vm: Vm): Promise<void> {
    await vm.namespace.sysctl(ASKING_KERNEL);
    await vm.namespace.ip('link set eth0 down', 'link set eth0 up');
  }

  async function shows(vm: Vm, what: string): Promise<string> {
    return (await vm.run(['ip', '-6', ...what.split(' ')])).stdout;
  }

  labTest('the kernel makes its address of what is advertised, and gets no route', async () => {
    const [vm, peer] = [await boot('slaac'), await boot('slaac', false)];
    await askRouters(vm);
    const address = vm.address('ipv6');
    await until(async () => (await shows(vm, 'addr')).includes(`${address}/64`), 'the address');
    await until(async () => (await ping(vm, peer.address('ipv6'))).answered, 'the peer to answer');
    expect(await shows(vm, 'route')).not.toContain('default');
    expect(await shows(vm, 'addr')).toMatch(/valid_lft forever preferred_lft forever/);
  });

  labTest.each(['dhclient', 'dhcpcd'] as const)('%s gets the address of its port', async (kind) => {
    const [vm, peer] = [await boot('dhcpv6-stateful'), await boot('dhcpv6-stateful', false)];
    const others = await captureIncoming(peer, 'udp port 546 or udp port 547 or icmp6[0] == 133');
    const client = await start(vm, kind);
    await client.bound(vm.address('ipv6'));
    const names = async () => (await client.file('etc/resolv.conf')).includes('2001:db8::53');
    await until(names, 'the name server');
    expect(await others.count()).toBe(0);
    await others.stop();
    await client.stop();
  });

  labTest('where addresses come otherwise a client is told the rest alone', async () => {
    const vm = await boot('dhcpv6-stateless');
    await askRouters(vm);
    const address = vm.address('ipv6');
    await until(async () => (await shows(vm, 'addr')).includes(`${address}/64`), 'the address');
    const client = await start(vm, 'dhclient', true);
    const names = async () => (await client.file('etc/resolv.conf')).includes('2001:db8::53');
    await until(names, 'the name server', 20_000);
    await client.stop();
  });

  labTest('a router with a port on the subnet is advertised as the way out', async () => {
    const vm = await boot('slaac');
    const { rest } = cloud.controller;
    const { router } = await rest.post<{ router: { id: string } }>('/v2.0/routers', {
      router: { name: 'r' },
    });
    const subnet_id = networkOf('slaac').subnets.get('ipv6')?.id;
    const path = `/v2.0/routers/${router.id}/add_router_interface`;
    const { port_id } = await rest.put<{ port_id: string }>(path, { subnet_id });
    const { port } = await rest.get<{ port: { mac_address: string } }>(`/v2.0/ports/${port_id}`);
    await askRouters(vm);
    await until(async () => (await shows(vm, 'route')).includes('default via'), 'the route');
    const [, via = ''] = /default via (\S+)/.exec(await shows(vm, 'route')) ?? [];
    expect(via.startsWith(ROUTED)).toBe(true);
    expect(via).toMatch(new RegExp(`${port.mac_address.slice(-2)}$`));
  });

  labTest('a guest that does not ask hears of a router that comes, and of its end', async () => {
    const vm = await boot('dhcpv6-stateless');
    await vm.namespace.sysctl(LISTENING_KERNEL);
    await vm.namespace.ip('link set eth0 down', 'link set eth0 up');
    const asked = await Capture.start(vm.namespace, 'eth0', 'icmp6 and ip6[40] == 133');
    const { rest } = cloud.controller;
    const { router } = await rest.post<{ router: { id: string } }>('/v2.0/routers', {
      router: { name: 'late' },
    });
    const subnet_id = networkOf('dhcpv6-stateless').subnets.get('ipv6')?.id;
    await rest.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id });
    await until(async () => (await shows(vm, 'route')).includes('default via'), 'the route');
    const address = `${vm.address('ipv6')}/64`;
    await until(async () => (await shows(vm, 'addr')).includes(address), 'the address');
    await rest.put(`/v2.0/routers/${router.id}/remove_router_interface`, { subnet_id });
    await until(async () => !(await shows(vm, 'route')).includes('default'), 'the route to go');
    expect(await asked.count()).toBe(0);
    await asked.stop();
  });
});
