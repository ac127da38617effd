/** Logs of security groups, with the command that operators have: a log comes, changes and goes. */
import type { Check } from './day.ts';
import type { OpenStack } from './openstack.ts';

interface WireLog {
  readonly Enabled: boolean;
  readonly Event: string;
  readonly Description: string;
}

const CREATE = 'network log create --resource-type security_group';

export async function checkLogs(operator: OpenStack, check: Check): Promise<void> {
  const types = await operator.json('network', 'loggable', 'resources', 'list');
  const known = JSON.stringify(types) === '[{"Supported types":"security_group"}]';
  check('security groups can be logged', known);
  await operator.script([
    'network create logged',
    'security group create logged',
    'port create --network logged --security-group logged logged',
    `${CREATE} --event drop --resource logged --target logged one`,
    `${CREATE} two`,
    'network log set --disable --description resting one',
  ]);
  const one = await operator.json<WireLog>('network', 'log', 'show', 'one');
  const isChanged = !one.Enabled && one.Event === 'DROP' && one.Description === 'resting';
  check('a log of a group at a port is made, changed and shown', isChanged);
  await operator.script(['port delete logged', 'network log delete two']);
  const left = await operator.json<unknown[]>('network', 'log', 'list');
  check('one log goes with its port, the other by itself', left.length === 0);
  await operator.script(['security group delete logged', 'network delete logged']);
}
