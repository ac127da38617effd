/** The operations of test/vectors/ovsdb/operations.txt as our builders make them, by their names. */
import { readFileSync } from 'node:fs';
import {
  abort,
  assertLock,
  comment,
  commit,
  namedUuid,
  type Operation,
  vswitch,
} from '../../src/ovsdb/index.ts';

const UUID = '550e8400-e29b-41d4-a716-446655440000';

export const BUILT: Readonly<Record<string, Operation>> = {
  'insert with every kind of column': vswitch.insert(
    'Bridge',
    {
      name: 'br-int',
      stp_enable: false,
      fail_mode: 'secure',
      flood_vlans: [1, 2],
      protocols: ['OpenFlow15'],
      external_ids: new Map([['k', 'v']]),
      netflow: undefined,
    },
    { uuidName: 'br' },
  ),
  'insert of a row that names another of the transaction': vswitch.insert('Port', {
    name: 'p',
    interfaces: [namedUuid('i')],
  }),
  select: vswitch.select('Bridge', [['name', '==', 'br-int']], ['_uuid', 'ports']),
  'select by UUID and set': vswitch.select(
    'Bridge',
    [
      ['_uuid', '!=', UUID],
      ['flood_vlans', 'includes', [5]],
      ['external_ids', 'excludes', new Map([['k', 'v']])],
    ],
    ['name'],
  ),
  'update that empties a column': vswitch.update('Bridge', [['name', '==', 'br-int']], {
    fail_mode: undefined,
    datapath_type: 'netdev',
  }),
  mutate: vswitch.mutate(
    'Open_vSwitch',
    [],
    [
      ['next_cfg', '+=', 1],
      ['bridges', 'insert', [UUID]],
      ['external_ids', 'delete', ['a', 'b']],
      ['external_ids', 'delete', ['c']],
      ['other_config', 'insert', new Map([['k', 'v']])],
    ],
  ),
  delete: vswitch.delete('QoS', [['type', '==', 'linux-htb']]),
  wait: vswitch.wait('Bridge', {
    where: [['name', '==', 'br-int']],
    columns: ['fail_mode', 'name'],
    until: '!=',
    rows: [{ fail_mode: 'secure', name: 'br-int' }],
    timeoutMs: 0,
  }),
  commit: commit(true),
  abort: abort(),
  comment: comment('why'),
  assert: assertLock('l'),
};

/** The vectors' JSON by name. */
export function operationVectors(): ReadonlyMap<string, unknown> {
  const blocks = readFileSync('test/vectors/ovsdb/operations.txt', 'utf8').trim().split('\n\n');
  const vectors = blocks
    .filter((block) => !block.startsWith('#'))
    .map((block) => block.split('\n'));
  return new Map(vectors.map(([name = '', json = '']) => [name, JSON.parse(json) as unknown]));
}
