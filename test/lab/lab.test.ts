/**
 * Goal: the lab itself tells the truth, before any controller is blamed: packets cross hosts,
 * captures count exactly, faults are real and a takedown leaves nothing.
 * Method: real namespaces and switches, flows made by hand.
 */
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { Capture, captureIncoming } from '../../lab/capture.ts';
import { until } from '../../lab/exec.ts';
import { arp, type Ends, echoRequest, geneve } from '../../lab/frames.ts';
import type { Host } from '../../lab/host.ts';
import { inject } from '../../lab/inject.ts';
import { Lab, STRANGER_MAC } from '../../lab/lab.ts';
import { ContinuousPing, ping, pingMatrix, unanswered } from '../../lab/ping.ts';
import { python } from '../../lab/python.ts';
import { labIds, remains, takeDown } from '../../lab/takedown.ts';
import type { Vm } from '../../lab/vm.ts';
import { handMadeSwitch, labDescribe, labTest, useLab } from '../support/lab.ts';

const VNI = 77;

labDescribe('two hosts with hand-made flows', () => {
  let lab: Lab;
  let hosts: [Host, Host];
  let a: Vm;
  let b: Vm;
  let c: Vm;

  useLab(async (started) => {
    lab = started;
    hosts = [await lab.addHost('h1'), await lab.addHost('h2')];
    await handMadeSwitch(hosts[0], [hosts[1]], VNI);
    await handMadeSwitch(hosts[1], [hosts[0]], VNI);
    [a, b, c] = [await addVm('a', 1, 0), await addVm('b', 2, 0), await addVm('c', 3, 1)];
  });

  async function addVm(name: string, number: number, host: 0 | 1): Promise<Vm> {
    const vm = await lab.addVm(name, {
      host: hosts[host],
      mac: `02:00:00:00:00:0${number}`,
      addresses: [
        { ip: `10.0.0.${number}`, prefix: 24 },
        { ip: `fd00::${number}`, prefix: 64 },
      ],
    });
    await vm.plug();
    return vm;
  }

  labTest('every VM reaches every other one in both families, on one host and across', async () => {
    expect(unanswered(await pingMatrix([a, b, c]))).toEqual([]);
    expect(unanswered(await pingMatrix([a, b, c], { family: 'ipv6' }))).toEqual([]);
  });

  labTest('a full-size TCP stream crosses the tunnel with right checksums', async () => {
    const bytes = 3_000_000;
    const server = c.namespace.background(python(TCP_SERVER));
    let got = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      got += chunk.toString();
    });
    await until(() => got.includes('ready'), 'the server to listen');
    expect((await a.run(python(TCP_CLIENT, '10.0.0.3', String(bytes)))).exitCode).toBe(0);
    await until(() => got.includes(String(bytes)), 'the server to count the bytes');
  });

  labTest('a capture counts exactly the frames that were injected at the other end', async () => {
    const capture = await captureIncoming(c, 'arp and ether src 02:00:00:00:00:99');
    const spoofed = arp({
      operation: 'reply',
      senderMac: '02:00:00:00:00:99',
      senderIp: '10.0.0.99',
      targetIp: '10.0.0.3',
    });
    await inject(a.namespace, 'eth0', Array<Buffer>(100).fill(spoofed));
    await capture.waitFor(100);
    expect(await capture.count()).toBe(100);
    await capture.stop();
  });

  labTest('a kernel answers an injected echo request: frames carry right checksums', async () => {
    const answers = await captureIncoming(a, 'icmp[0] == 0 or icmp6[0] == 129');
    await inject(a.namespace, 'eth0', [
      echoRequest(ends(a, c, 'ipv4')),
      echoRequest(ends(a, c, 'ipv6')),
    ]);
    await answers.waitFor(2);
    await answers.stop();
  });

  labTest('a stranger in the underlay reaches a VM only as far as the flows admit it', async () => {
    const stranger = await lab.addStranger('evil', '198.18.255.1');
    const capture = await captureIncoming(c, 'icmp');
    const inner = echoRequest(ends(a, c, 'ipv4'));
    const known = outer(hosts[0], hosts[1]);
    await inject(stranger, 'eth0', [
      geneve({ ...known, sourceIp: '198.18.255.1' }, VNI, inner),
      geneve(known, VNI + 1, inner),
      geneve(known, VNI, inner),
    ]);
    await capture.waitFor(1);
    expect((await ping(b, '10.0.0.3')).answered).toBe(true);
    expect(await capture.count()).toBe(2);
    await capture.stop();
  });

  labTest('a cut underlay loses pings and a healed one answers again', async () => {
    const pings = await ContinuousPing.start(a, '10.0.0.3');
    await hosts[1].cut('underlay');
    expect((await ping(a, '10.0.0.3', 0.3)).answered).toBe(false);
    await hosts[1].heal('underlay');
    await pings.nextAnswer();
    const report = await pings.stop();
    expect(report.lost).toBeGreaterThan(10);
    expect(report.longestGapMs).toBeGreaterThan(250);
    expect(report.answered + report.lost).toBe(report.sent);
  });

  labTest('a running ping without any fault loses nothing', async () => {
    const pings = await ContinuousPing.start(a, '10.0.0.2');
    await until(() => pings.latest >= 50, '50 answers');
    const report = await pings.stop();
    expect(report.lost).toBe(0);
    expect(report.sent).toBeGreaterThanOrEqual(50);
  });

  labTest('a moved VM keeps its addresses and answers from its new host', async () => {
    // Links came and went: until a switch has read its routes anew, it drops what is for others.
    const move = async (to: Host): Promise<void> => {
      await b.move(to);
      for (const host of hosts) await host.settled();
    };
    await move(hosts[1]);
    expect((await ping(a, '10.0.0.2')).answered).toBe(true);
    await move(hosts[0]);
    expect((await ping(c, 'fd00::2')).answered).toBe(true);
  });

  labTest('a crashed ovs-vswitchd comes back empty with its tunnel address', async () => {
    await hosts[1].restartDaemon('ovs-vswitchd', 'SIGKILL');
    expect(await hosts[1].flows()).toEqual([]);
    const flow = `priority=10,in_port=1000,tun_id=${VNI},actions=ALL`;
    await hosts[1].ovs.ofctl('add-flow', 'br-int', flow);
    const capture = await captureIncoming(c, 'icmp');
    await inject(a.namespace, 'eth0', [echoRequest(ends(a, c, 'ipv4'))]);
    await capture.waitFor(1);
    await capture.stop();
  });

  labTest('a capture names the reason when it cannot start', async () => {
    await expect(Capture.start(a.namespace, 'eth9')).rejects.toThrow(/eth9/);
  });
});

labTest('two labs of the same shape live side by side and come down apart', async () => {
  const [one, two] = [await Lab.up(), await Lab.up()];
  await Promise.all([one.addHost('h1'), two.addHost('h1')]);
  expect(await labIds()).toEqual(expect.arrayContaining([one.id, two.id]));
  await one.down();
  expect(await remains(one.id)).toEqual({ id: one.id, namespaces: [], processes: [] });
  expect(await two.hosts.get('h1')?.ovs.vsctl('list-br')).toBe('br-phy\n');
  await two.down();
});

labTest('a lab that its owner forgot is taken down by its id alone', async () => {
  const lab = await Lab.up();
  const host = await lab.addHost('h1');
  await handMadeSwitch(host, [], VNI);
  const addresses = [{ ip: '10.0.0.1', prefix: 24 }];
  const vm = await lab.addVm('a', { host, mac: '02:00:00:00:00:01', addresses });
  vm.namespace.background(['ping', '10.0.0.2']).unref();
  await until(
    async () => (await remains(lab.id)).processes.length === 3,
    'two daemons and a ping to be found by the names of their namespaces',
  );
  await takeDown(lab.id);
  expect(await remains(lab.id)).toEqual({ id: lab.id, namespaces: [], processes: [] });
  expect(existsSync(lab.dir)).toBe(false);
});

function ends(from: Vm, to: Vm, family: 'ipv4' | 'ipv6'): Ends {
  return {
    source: from.mac,
    destination: to.mac,
    sourceIp: from.address(family),
    destinationIp: to.address(family),
  };
}

/** What a stranger sends who pretends to be a host. */
function outer(from: Host, to: Host): Ends {
  return {
    source: STRANGER_MAC,
    destination: to.underlayMac,
    sourceIp: from.underlayAddress,
    destinationIp: to.underlayAddress,
  };
}

const TCP_SERVER = `
import socket
listener = socket.create_server(('', 5001))
print('ready', flush=True)
peer, _ = listener.accept()
total = 0
while chunk := peer.recv(65536): total += len(chunk)
print(total, flush=True)
`;
const TCP_CLIENT = `
import socket, sys
with socket.create_connection((sys.argv[1], 5001), timeout=10) as peer:
    peer.sendall(bytes(int(sys.argv[2])))
`;
