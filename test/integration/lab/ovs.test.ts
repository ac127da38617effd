/**
 * Goal: the sandbox that every integration test stands on starts, serves and leaves nothing.
 * Method: real daemons; processes looked up by their pid files.
 */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { livePid } from '../../../lab/exec.ts';
import { startSandbox } from '../../support/sandbox.ts';

test('a sandbox switch takes a bridge, survives a crash of ovs-vswitchd and leaves nothing', async () => {
  const ovs = await startSandbox('one');
  await ovs.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'protocols=OpenFlow15');
  expect(await ovs.ofctl('show', 'br-int')).toContain('OF1.5');
  await ovs.restartDaemon('ovs-vswitchd', 'SIGKILL');
  await ovs.bridgeReady('br-int');
  expect(await ovs.ofctl('show', 'br-int')).toContain('OF1.5');
  const pidFile = ovs.pidFile('ovs-vswitchd');
  expect(await livePid(pidFile)).toBeGreaterThan(1);
  await ovs.stop();
  expect(await livePid(pidFile)).toBeUndefined();
  expect(existsSync(ovs.dir)).toBe(false);
});
