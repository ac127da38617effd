/**
 * Goal: a VM cannot pretend to be another one, a router or a DHCP server; what it tries is dropped
 * and counted by the flow that drops it.
 * Method: forged frames from a VM; counted at the victim, and in the drop flows of the table.
 */
import { expect } from 'vitest';
import { captureIncoming } from '../../lab/capture.ts';
import type { Cloud } from '../../lab/cloud.ts';
import { until } from '../../lab/exec.ts';
import {
  arp,
  dhcpOffer,
  echoRequest,
  neighbourAdvertisement,
  neighbourSolicitation,
  redirect,
  routerAdvertisement,
  udp,
} from '../../lab/frames.ts';
import { inject } from '../../lab/inject.ts';
import type { Vm } from '../../lab/vm.ts';
import {
  PortSecurityEth,
  PortSecurityIp,
  PortSecurityNd,
  type Table,
} from '../../src/pipeline/index.ts';
import { labDescribe, labTest } from '../support/lab.ts';
import { at, honest, useCloud } from '../support/lab-cloud.ts';

const COPIES = 5;
const STOLEN_MAC = '02:66:66:66:66:66';
const STOLEN_IP = '10.0.0.199';
const STOLEN_IPV6 = 'fd00:1::99';
const ALL_NODES = { destination: '33:33:00:00:00:01', destinationIp: 'ff02::1' };

interface Forgery {
  readonly name: string;
  readonly table: Table;
  readonly forge: (mallory: Vm, victim: Vm) => Buffer;
}

const FORGERIES: readonly Forgery[] = [
  {
    name: 'a stolen MAC address',
    table: PortSecurityEth,
    forge: (mallory, victim) => echoRequest({ ...honest(mallory, victim), source: STOLEN_MAC }),
  },
  {
    name: 'a stolen IPv4 address',
    table: PortSecurityIp,
    forge: (mallory, victim) => echoRequest({ ...honest(mallory, victim), sourceIp: STOLEN_IP }),
  },
  {
    name: 'a stolen IPv6 address',
    table: PortSecurityIp,
    forge: (mallory, victim) =>
      echoRequest({ ...honest(mallory, victim, 'ipv6'), sourceIp: STOLEN_IPV6 }),
  },
  {
    name: 'an ARP reply for a stolen IPv4 address',
    table: PortSecurityIp,
    forge: (mallory, victim) =>
      arp({ ...arpReply(mallory, victim), senderMac: mallory.mac, senderIp: STOLEN_IP }),
  },
  {
    name: 'an ARP reply with a stolen MAC address inside',
    table: PortSecurityIp,
    forge: (mallory, victim) =>
      arp({
        ...arpReply(mallory, victim),
        senderMac: STOLEN_MAC,
        senderIp: mallory.address('ipv4'),
      }),
  },
  {
    name: 'a neighbour advertisement for a stolen IPv6 address',
    table: PortSecurityNd,
    forge: (mallory, victim) =>
      neighbourAdvertisement(honest(mallory, victim, 'ipv6'), STOLEN_IPV6, mallory.mac),
  },
  {
    name: 'a neighbour advertisement with a stolen MAC address inside',
    table: PortSecurityNd,
    forge: (mallory, victim) =>
      neighbourAdvertisement(honest(mallory, victim, 'ipv6'), mallory.address('ipv6'), STOLEN_MAC),
  },
  {
    name: 'a neighbour solicitation with a stolen MAC address inside',
    table: PortSecurityNd,
    forge: (mallory, victim) =>
      neighbourSolicitation(honest(mallory, victim, 'ipv6'), victim.address('ipv6'), STOLEN_MAC),
  },
  {
    name: 'a redirect to itself',
    table: PortSecurityIp,
    forge: (mallory, victim) =>
      redirect(honest(mallory, victim, 'ipv6'), mallory.address('ipv6'), STOLEN_IPV6),
  },
  {
    name: 'an answer of a DHCPv6 server',
    table: PortSecurityIp,
    forge: (mallory, victim) =>
      udp(honest(mallory, victim, 'ipv6'), { from: 547, to: 546 }, Buffer.from('07123456', 'hex')),
  },
  {
    name: 'an answer of a DHCP server',
    table: PortSecurityIp,
    forge: (mallory, victim) => dhcpOffer(honest(mallory, victim)),
  },
  {
    name: 'a router advertisement',
    table: PortSecurityIp,
    forge: (mallory, victim) =>
      routerAdvertisement({ ...honest(mallory, victim, 'ipv6'), ...ALL_NODES }),
  },
];

labDescribe('a VM that lies', () => {
  let cloud: Cloud;
  let mallory: Vm;
  let near: Vm;
  let far: Vm;

  useCloud({ hosts: 2 }, async (started, hosts) => {
    cloud = started;
    const network = await cloud.network('red', {
      cidrs: ['10.0.0.0/24', 'fd00:1::/64'],
      subnet: { enable_dhcp: false },
    });
    mallory = await cloud.boot('mallory', network, at(hosts, 0));
    near = await cloud.boot('near', network, at(hosts, 0));
    far = await cloud.boot('far', network, at(hosts, 1));
    await cloud.realized(mallory, near, far);
  });

  labTest.each(FORGERIES)('$name is dropped and counted', async ({ table, forge }) => {
    const captures = [await captureIncoming(near), await captureIncoming(far)];
    const before = await mallory.host.dropped(table.id);
    const forged = [near, far].flatMap((victim) =>
      Array<Buffer>(COPIES).fill(forge(mallory, victim)),
    );
    await inject(mallory.namespace, 'eth0', forged);
    await until(
      async () => (await mallory.host.dropped(table.id)) >= before + forged.length,
      `${forged.length} drops to be counted in ${table.name}`,
    );
    for (const capture of captures) {
      const frames = await capture.frames();
      expect(frames.filter((frame) => forged.some((one) => one.equals(frame)))).toEqual([]);
      await capture.stop();
    }
  });

  labTest('the same frames arrive when they tell the truth', async () => {
    const captures = [await captureIncoming(near, 'icmp'), await captureIncoming(far, 'icmp')];
    await inject(mallory.namespace, 'eth0', [
      echoRequest(honest(mallory, near)),
      echoRequest(honest(mallory, far)),
    ]);
    for (const capture of captures) {
      await capture.waitFor(1);
      await capture.stop();
    }
  });

  labTest('without port security every one of the forgeries arrives', async () => {
    await secure(false, mallory, far);
    const forged = FORGERIES.map(({ forge }) => forge(mallory, far));
    const capture = await captureIncoming(far);
    await inject(mallory.namespace, 'eth0', forged);
    await until(async () => {
      const frames = await capture.frames();
      return forged.every((one) => frames.some((frame) => frame.equals(one)));
    }, 'every forgery to arrive');
    await capture.stop();
    await secure(true, mallory, far);
  });

  labTest('a DHCP client and an honest neighbour advertisement pass', async () => {
    // Who serves DHCP has no security groups that would have to let everybody in.
    await secure(false, far);
    const capture = await captureIncoming(far, 'udp port 67 or icmp6[0] == 136');
    const ends = honest(mallory, far);
    await inject(mallory.namespace, 'eth0', [
      udp(
        {
          ...ends,
          destination: 'ff:ff:ff:ff:ff:ff',
          sourceIp: '0.0.0.0',
          destinationIp: '255.255.255.255',
        },
        { from: 68, to: 67 },
        Buffer.alloc(244),
      ),
      neighbourAdvertisement(honest(mallory, far, 'ipv6'), mallory.address('ipv6'), mallory.mac),
    ]);
    await capture.waitFor(2);
    await capture.stop();
    await secure(true, far);
  });

  /** Turns port security on or off, security groups with it. */
  async function secure(isSecured: boolean, ...vms: readonly Vm[]): Promise<void> {
    const groups = isSecured ? {} : { security_groups: [] };
    for (const vm of vms) {
      await cloud.setPort(vm, { port_security_enabled: isSecured, ...groups });
    }
    await cloud.realized(...vms);
    await Promise.all(vms.map((vm) => vm.host.settled()));
  }
});

function arpReply(mallory: Vm, victim: Vm) {
  return {
    operation: 'reply',
    source: mallory.mac,
    destination: victim.mac,
    targetIp: victim.address('ipv4'),
    targetMac: victim.mac,
  } as const;
}
