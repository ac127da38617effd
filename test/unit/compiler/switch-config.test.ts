/**
 * Goal: no unsafe default of Open vSwitch survives, and the tunnel fits what flows assume of it.
 * Method: the settings by place.
 */
import { expect, test } from 'vitest';
import { host } from '../../../lab/records.ts';
import { switchConfig } from '../../../src/compiler/index.ts';
import { TABLES, TUNNEL_PORT } from '../../../src/pipeline/index.ts';

const config = switchConfig(host('a', '198.18.0.1', { encap_type: 'vxlan' }));
const settings = new Map(
  config.settings.map((each) => [
    [each.table, each.flowTable, each.column, each.key]
      .filter((part) => part !== undefined)
      .join(' '),
    each.value,
  ]),
);

test.each([
  ['Bridge fail_mode', 'secure'],
  ['Bridge protocols', ['OpenFlow15']],
  ['Bridge stp_enable', false],
  ['Bridge rstp_enable', false],
  ['Bridge mcast_snooping_enable', false],
  ['Bridge other_config disable-in-band', 'true'],
  ['Bridge other_config forward-bpdu', 'false'],
  ['Controller connection_mode', 'out-of-band'],
  ['Controller max_backoff', 1000],
  ['Controller inactivity_probe', 5000],
  ['Controller controller_rate_limit', 1000],
  ['Controller controller_burst_limit', 1000],
  ['Controller enable_async_messages', false],
  ['Manager max_backoff', 1000],
  ['Interface type', 'vxlan'],
  ['Interface options remote_ip', 'flow'],
  ['Interface options key', 'flow'],
  ['Interface options local_ip', '198.18.0.1'],
  ['Interface options csum', 'true'],
  ['Interface options df_default', 'true'],
  ['Interface ofport_request', TUNNEL_PORT],
])('%s is set', (place, value) => {
  expect(settings.get(place)).toEqual(value);
});

test('the tunnel has a number that Open vSwitch gives to nobody else', () => {
  expect(config.tunnelPort).toBe(TUNNEL_PORT);
  expect(TUNNEL_PORT).toBeGreaterThan(32_767);
  expect(TUNNEL_PORT).toBeLessThanOrEqual(65_279);
});

test('every table has its name, no place is set twice and every setting has a reason', () => {
  for (const table of TABLES) expect(settings.get(`Flow_Table ${table.id} name`)).toBe(table.name);
  expect(settings.size).toBe(config.settings.length);
  for (const { reason } of config.settings) expect(reason).toMatch(/\.$/);
});
