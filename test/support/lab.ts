/** What every lab test file starts from: root or a loud skip, and labs that always come down. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { DATAPATH_TYPE } from '../../lab/datapath.ts';
import type { Host } from '../../lab/host.ts';
import { Lab } from '../../lab/lab.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) {
  process.stderr.write('NOT ROOT: lab tests need network namespaces; this file is SKIPPED\n');
}

/** Tests that need root; without root they are skipped and counted as such. */
export const labTest = test.skipIf(!isRoot);
export const labDescribe = describe.skipIf(!isRoot);

/** Starts a lab before the tests of a file or block, and takes it down whatever they did. */
export function useLab(build: (lab: Lab) => Promise<void>, timeoutMs?: number): void {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await Lab.up();
    await build(lab);
  }, timeoutMs);
  afterAll(() => lab?.down());
}

/** The Geneve port's number in `handMadeSwitch`. */
const TUNNEL = 1000;

/**
 * Turns a host into a learning switch whose tunnel port floods to all peers: flows made by hand,
 * so that the lab can be tested without a controller. `vni` is the only network.
 */
export async function handMadeSwitch(
  host: Host,
  peers: readonly Host[],
  vni: number,
): Promise<void> {
  await host.ovs.vsctl(
    ...`add-br br-int -- set Bridge br-int datapath_type=${DATAPATH_TYPE}`.split(' '),
    'fail_mode=secure',
    ...'-- add-port br-int gnv -- set Interface gnv type=geneve'.split(' '),
    ...`options:remote_ip=flow options:key=flow ofport_request=${TUNNEL}`.split(' '),
  );
  const copies = peers.map((peer) => `set_field:${peer.underlayAddress}->tun_dst,output:${TUNNEL}`);
  // ALL comes first: as long as no tun_dst is set, the tunnel port in it sends nothing.
  const send = ['ALL', `set_field:${vni}->tun_id`, ...copies].join(',');
  await host.ovs.ofctl('add-flow', 'br-int', `priority=0,actions=${send}`);
  await host.ovs.ofctl('add-flow', 'br-int', `priority=9,in_port=${TUNNEL},actions=drop`);
  for (const peer of peers) {
    const from = `in_port=${TUNNEL},tun_id=${vni},tun_src=${peer.underlayAddress}`;
    await host.ovs.ofctl('add-flow', 'br-int', `priority=10,${from},actions=ALL`);
  }
}
