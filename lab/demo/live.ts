/** Adds a VM to a running network and measures each moment until it is served. */
import type { Cloud, CloudNetwork } from '../cloud.ts';
import { until } from '../exec.ts';
import type { Host } from '../host.ts';
import type { Lab } from '../lab.ts';
import { ContinuousPing } from '../ping.ts';
import type { Vm } from '../vm.ts';
import type { LiveFigures } from './report.ts';

const PING_INTERVAL_MS = 2;

export interface LiveOptions {
  readonly name: string;
  readonly network: CloudNetwork;
  readonly host: Host;
  readonly ip: string;
  readonly mac: string;
  /** The VM whose answer is awaited. */
  readonly peer: Vm;
}

/**
 * The VM is booted first, pinging in vain; then its port is created through REST and its interface
 * claims it. So only networking is measured, not the start of a namespace.
 */
export async function addLive(
  lab: Lab,
  cloud: Cloud,
  options: LiveOptions,
): Promise<{ vm: Vm; figures: LiveFigures }> {
  const { name, network, host, ip, mac, peer } = options;
  const prefix = network.subnets.get('ipv4')?.prefix ?? 24;
  const vm = await lab.addVm(name, { host, mac, addresses: [{ ip, prefix }], mtu: network.mtu });
  // A kernel asks for an unknown neighbour once a second; that would be all that is measured.
  await vm.namespace.sysctl({
    'net.ipv4.neigh.eth0.retrans_time_ms': PING_INTERVAL_MS,
    'net.ipv4.neigh.eth0.mcast_solicit': 10_000,
  });
  const pings = ContinuousPing.begin(vm, peer.address('ipv4'), { intervalMs: PING_INTERVAL_MS });
  const started = wallMs();
  const port = await cloud.port(network, name, { host, ips: [ip], mac });
  const posted = wallMs();
  await vm.plug(port.id);
  const plugged = wallMs();
  const [activeAt, answeredAt] = await Promise.all([
    until(async () => (await cloud.portStatus(port.id)) === 'ACTIVE', `${name} ACTIVE`).then(
      wallMs,
    ),
    pings.firstAnswerMs(),
  ]);
  const figures = {
    vm: name,
    host: host.name,
    post_ms: posted - started,
    plugged_ms: plugged - started,
    active_ms: activeAt - started,
    first_answer_ms: answeredAt - started,
  };
  await pings.stop();
  return { vm, figures };
}

/** The wall clock, which ping prints as well, with fractions of a millisecond. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
