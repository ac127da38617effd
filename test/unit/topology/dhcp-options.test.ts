/**
 * Goal: DHCP options of ports are understood or refused as Neutron does, and a request changes those
 * that it names and no others. Method: bodies of ports against the tables; the merge by itself.
 */
import { describe, expect, test } from 'vitest';
import { mergedOptions, readDhcpOptions } from '../../../src/topology/dhcp-options.ts';
import { refusal } from './world.ts';

const option = (opt_name: string, opt_value: string | null, ip_version: 4 | 6 = 4) => ({
  opt_name,
  opt_value,
  ip_version,
});

describe('a list of DHCP options', () => {
  test('is read, with IPv4 where no version is named', () => {
    const given = [
      { opt_name: 'bootfile-name', opt_value: 'pxelinux.0' },
      { opt_name: 'dns-server', opt_value: '2001:db8::1', ip_version: '6' },
      { opt_name: 'router', opt_value: '' },
      { opt_name: 'tftp-server', opt_value: null },
    ];
    expect(readDhcpOptions(given)).toEqual([
      option('bootfile-name', 'pxelinux.0'),
      option('dns-server', '2001:db8::1', 6),
      option('router', ''),
      option('tftp-server', null),
    ]);
    expect(readDhcpOptions(null)).toEqual([]);
  });

  test.each([
    ['x', "'x' is not a list"],
    [[{}], 'No valid key specs matched'],
    [['x'], 'No valid key specs matched'],
    [[{ opt_value: 'x' }], 'No valid key specs matched'],
    [[{ opt_name: '', opt_value: 'x' }], 'No valid key specs matched'],
    [[{ opt_name: 'x'.repeat(65), opt_value: 'x' }], 'No valid key specs matched'],
    [[{ opt_name: 'mtu', opt_value: '' }], 'No valid key specs matched'],
    [[{ opt_name: 'mtu', opt_value: 'x'.repeat(256) }], 'No valid key specs matched'],
    [[{ opt_name: 'mtu', opt_value: '1\n2' }], 'No valid key specs matched'],
    [[{ opt_name: 'mtu', opt_value: '1', ip_version: 5 }], 'No valid key specs matched'],
    [[{ opt_name: 'mtu', opt_value: '1', other: 1 }], 'No valid key specs matched'],
  ])('%j is refused', (given, text) => {
    const [type, status, message] = refusal(() => readDhcpOptions(given));
    expect([type, status]).toEqual(['InvalidInput', 400]);
    expect(message).toContain(text);
  });
});

test('options are set, changed and taken away by name and version', () => {
  const before = [
    { ...option('mtu', '1400'), opt_value: '1400' },
    { ...option('mtu', '1300', 6), opt_value: '1300' },
  ];
  expect(mergedOptions(before, [])).toBe(before);
  expect(mergedOptions(before, [option('mtu', null), option('router', '')])).toEqual([
    option('mtu', '1300', 6),
    option('router', ''),
  ]);
  expect(mergedOptions(before, [option('mtu', '1200', 6)])).toEqual([
    option('mtu', '1400'),
    option('mtu', '1200', 6),
  ]);
});
