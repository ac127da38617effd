/** A sandbox switch for one test file: real OVS code without packets, in a folder of its own. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ovs } from '../../lab/ovs.ts';

/** Starts a dummy Open vSwitch; the caller ends it with `stop()`. */
export async function startSandbox(systemId = 'sandbox'): Promise<Ovs> {
  const dir = await mkdtemp(join(tmpdir(), 'heddle-'));
  const ovs = new Ovs({ dir, systemId, dummy: true });
  await ovs.start();
  return ovs;
}
