/**
 * `node kernel-datapath.js API MANAGER ADDRESS`: the program of an emulated machine, with two hosts
 * whose switches have the kernel's datapath. Prints what it saw as one JSON object, and on standard
 * error where it is.
 *
 *     API      HOST:PORT of the controller's API, on the control wire
 *     MANAGER  what the hosts are told to connect to
 *     ADDRESS  of this machine on the control wire
 */
import { Cloud, type CloudNetwork, type Served } from '../cloud.ts';
import { Conversation } from '../conversation.ts';
import { exec } from '../exec.ts';
import { type Ends, udp } from '../frames.ts';
import type { Host } from '../host.ts';
import { IperfServer, type Load } from '../iperf.ts';
import { Lab } from '../lab.ts';
import { Listener } from '../listener.ts';
import { type Family, ping, pingMatrix, unanswered } from '../ping.ts';
import { Rest } from '../rest.ts';
import type { Vm } from '../vm.ts';
import { measurePromises, type PromiseReport } from './promises.ts';

export interface KernelReport {
  /** Of the machine: `uname -r`. */
  readonly kernel: string;
  /** `ovs-appctl dpif/show`, of each host. */
  readonly datapaths: readonly string[];
  /** Open_vSwitch `Datapath` `capabilities` of the first host. */
  readonly capabilities: string;
  /** Pairs of VMs whose ping stayed silent, by IP version. */
  readonly unanswered: Readonly<Record<Family, readonly string[]>>;
  /** Whether some megabytes of TCP crossed the tunnel. */
  readonly transferred: Readonly<Record<Family, boolean>>;
  readonly security: Readonly<Record<Family, SecurityReport>>;
  /** The address of a port, and the one that a DHCP client there was given. */
  readonly dhcp: { readonly expected: string; readonly lease: string | undefined };
  /** Kilobits a second that came of those that a limited port sent. */
  readonly limited: { readonly set: number; readonly sent: number; readonly came: number };
  /** Of one VM, of another, and of the other again. */
  readonly promised: readonly PromiseReport[];
  /** Lines in the logs of ovs-vswitchd about what the kernel did not take. */
  readonly refusals: readonly string[];
}

/** What came to the server, one of whose ports of UDP is open. */
interface SecurityReport {
  /** An answer to `ping`, which no rule allows. */
  readonly pinged: boolean;
  /** Packets to another port. */
  readonly closed: number;
  /** Packets to the open port, before its rule went and after. */
  readonly before: number;
  readonly after: number;
  /** Whether the client heard what the server said while the rule was away. */
  readonly answered: boolean;
}

interface WireGroup {
  readonly id: string;
  readonly security_group_rules: readonly { readonly id: string }[];
}

const CIDRS = ['10.0.0.0/24', 'fd00:1::/64'];
const OPEN = 8000;
const CLOSED = 8001;
const LIMIT_KBPS = 4000;
/** What ovs-vswitchd writes of a datapath that does not take what it was given. */
const REFUSAL = /\|(dpif|odp|ofproto|netlink|tunnel|bridge)[^|]*\|(WARN|ERR|EMER)\|/;

class Scenario {
  readonly #lab: Lab;
  readonly #cloud: Cloud<Served>;

  constructor(lab: Lab, cloud: Cloud<Served>) {
    this.#lab = lab;
    this.#cloud = cloud;
  }

  async run(): Promise<KernelReport> {
    const one = await this.#lab.addHost('h1');
    const two = await this.#lab.addHost('h2');
    for (const host of [one, two]) await host.enrol(this.#cloud.controller.manager);
    await this.#cloud.hostsReady();
    const network = await this.#cloud.network('red', { cidrs: CIDRS });
    say('two hosts');
    const near = await this.#cloud.boot('near', network, one);
    const server = await this.#cloud.boot('server', network, one);
    const far = await this.#cloud.boot('far', network, two);
    const vms = [near, server, far];
    await this.#cloud.realized(...vms);
    say('three VMs');
    const silent = {
      ipv4: unanswered(await pingMatrix(vms)),
      ipv6: unanswered(await pingMatrix(vms, { family: 'ipv6' })),
    };
    say('pings');
    const iperf = await IperfServer.start(near);
    const transferred = {
      ipv4: await iperf.transfer(far, 'ipv4', '4M'),
      ipv6: await iperf.transfer(far, 'ipv6', '4M'),
    };
    say('transfers');
    const limited = await this.#limit(far, iperf);
    await iperf.stop();
    say('limits');
    const promised = await measurePromises(this.#cloud, [near, server], far);
    say('promises');
    const dhcp = await this.#dhcp(network, two);
    say('DHCP');
    const security = await this.#security(server, far);
    return {
      kernel: (await exec(['uname', '-r'])).trim(),
      datapaths: await this.#ofHosts('dpif/show'),
      capabilities: await one.ovs.vsctl('list', 'Datapath'),
      unanswered: silent,
      transferred,
      security,
      dhcp,
      limited,
      promised,
      refusals: await this.#refusals(),
    };
  }

  async #limit(from: Vm, iperf: IperfServer): Promise<KernelReport['limited']> {
    const { rest } = this.#cloud.controller;
    const { policy } = await rest.post<{ policy: { id: string } }>('/v2.0/qos/policies', {
      policy: { name: 'slow', project_id: 'red' },
    });
    await rest.post(`/v2.0/qos/policies/${policy.id}/bandwidth_limit_rules`, {
      bandwidth_limit_rule: { max_kbps: LIMIT_KBPS, max_burst_kbps: 600 },
    });
    await this.#cloud.setPort(from, { qos_policy_id: policy.id });
    await this.#cloud.realized(from);
    const load: Load = { family: 'ipv4', kbps: LIMIT_KBPS * 2, size: 1200 };
    const came = (await iperf.measure(from, load)).kbps;
    await this.#cloud.setPort(from, { qos_policy_id: null });
    return { set: LIMIT_KBPS, sent: load.kbps, came };
  }

  /** A client that knows nothing but the wire. */
  async #dhcp(network: CloudNetwork, host: Host): Promise<KernelReport['dhcp']> {
    const vm = await this.#cloud.boot('bare', network, host, { isBare: true });
    await this.#cloud.realized(vm);
    const times = ['-n', '-q', '-t', '20', '-T', '1'];
    const { stdout, stderr } = await vm.run(['udhcpc', '-i', 'eth0', '-s', '/bin/true', ...times]);
    const [, lease] = /lease of (\S+) obtained/.exec(stdout + stderr) ?? [];
    return { expected: vm.address('ipv4'), lease };
  }

  async #security(server: Vm, client: Vm): Promise<KernelReport['security']> {
    const { rest } = this.#cloud.controller;
    const { security_group } = await rest.post<{ security_group: WireGroup }>(
      '/v2.0/security-groups',
      { security_group: { name: 'web', project_id: 'red' } },
    );
    const groupId = security_group.id;
    // Those that Neutron gives each new group would let out what nobody asked for.
    for (const { id } of security_group.security_group_rules) {
      await rest.delete(`/v2.0/security-group-rules/${id}`);
    }
    await this.#cloud.setPort(server, { security_groups: [groupId] });
    const listener = await Listener.at(server, `portrange ${OPEN}-${CLOSED}`);
    const of = (family: Family) => this.#cut(groupId, { server, client, family, listener });
    const report = { ipv4: await of('ipv4'), ipv6: await of('ipv6') };
    await listener.stop();
    return report;
  }

  async #cut(
    groupId: string,
    {
      server,
      client,
      family,
      listener,
    }: { server: Vm; client: Vm; family: Family; listener: Listener },
  ): Promise<SecurityReport> {
    const open = () => this.#open(groupId, family);
    const rule = await open();
    const pinged = (await ping(client, server.address(family), 0.2)).answered;
    const came = async () => (await listener.heard(client)).length;
    const atFirst = await came();
    const shut = { from: 40_000, to: CLOSED };
    const closed = await listener.arrived(client, {
      udp: udp(ends(client, server, family), shut, Buffer.alloc(8)),
    });
    say(`${family}: the other port`);
    const talk = await Conversation.open(client, server, { kind: 'udp', family, port: OPEN });
    await talk.passes('client');
    await talk.passes('server');
    const before = (await came()) - atFirst;
    await this.#cloud.controller.rest.delete(`/v2.0/security-group-rules/${rule}`);
    await this.#realized();
    const cutAt = await came();
    await talk.say('client');
    const lost = await talk.say('server');
    const after = (await came()) - cutAt;
    say(`${family}: the rule is away`);
    await open();
    await talk.passes('client');
    await talk.passes('server');
    say(`${family}: it is back`);
    const isHeard = talk.heard('client', lost);
    await talk.end();
    return { pinged, closed: closed.length, before, after, answered: isHeard };
  }

  async #open(groupId: string, family: Family): Promise<string> {
    const path = '/v2.0/security-group-rules';
    const made = await this.#cloud.controller.rest.post<{ security_group_rule: { id: string } }>(
      path,
      {
        security_group_rule: {
          security_group_id: groupId,
          project_id: 'red',
          direction: 'ingress',
          ethertype: family === 'ipv4' ? 'IPv4' : 'IPv6',
          protocol: 'udp',
          port_range_min: OPEN,
          port_range_max: OPEN,
        },
      },
    );
    await this.#realized();
    return made.security_group_rule.id;
  }

  async #realized(): Promise<void> {
    await this.#cloud.realized();
    for (const host of this.#lab.hosts.values()) await host.settled();
  }

  #ofHosts(...command: string[]): Promise<string[]> {
    return Promise.all([...this.#lab.hosts.values()].map(({ ovs }) => ovs.appctl(...command)));
  }

  async #refusals(): Promise<string[]> {
    const logs = await Promise.all([...this.#lab.hosts.values()].map(({ ovs }) => ovs.log()));
    const lines = logs.flatMap((log) => log.split('\n'));
    return lines.filter((line) => REFUSAL.test(line));
  }
}

function ends(from: Vm, to: Vm, family: Family): Ends {
  return {
    source: from.mac,
    destination: to.mac,
    sourceIp: from.address(family),
    destinationIp: to.address(family),
  };
}

function say(what: string): void {
  console.error(`${performance.now().toFixed(0).padStart(8)} ms  ${what}`);
}

const [api = '', manager = '', address = ''] = process.argv.slice(2);
const [host = '', port = ''] = api.split(':');
const lab = await Lab.up();
await lab.joinControl('eth0', address);
const served = { manager, rest: new Rest({ host, port: Number(port) }) };
console.log(JSON.stringify(await new Scenario(lab, new Cloud(lab, served)).run()));
process.exit(0);
