/**
 * Goal: documents are read, refused where they are none, matched with what is there, and compared.
 * Method: the pure parts alone.
 */
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../../../../src/controller/neutron/topology-document/document.ts';
import { match } from '../../../../../src/controller/neutron/topology-document/match.ts';
import { Names } from '../../../../../src/controller/neutron/topology-document/names.ts';
import { isSame } from '../../../../../src/controller/neutron/topology-document/same.ts';

const ID = '3f0e6a52-7a61-4a3e-9a2b-0d3a0f3c2b11';

describe('a document', () => {
  test('has only the collections that it names', () => {
    const document = readDocument({ networks: { n: { mtu: 1400 } }, ports: {} });
    expect(document).toEqual({
      networks: [{ name: 'n', attributes: { mtu: 1400 }, subnets: undefined }],
      security_groups: undefined,
      routers: undefined,
      ports: [],
    });
  });

  test('is refused with the place of what is wrong', () => {
    const bodies: [unknown, RegExp][] = [
      [null, /document must be an object/],
      [{ nets: {} }, /no 'nets'/],
      [{ networks: { n: { subnets: { s: 1 } } } }, /'s' among the subnets of network 'n'/],
      [{ networks: { n: { subnets: { s: { network_id: '' } } } } }, /network_id of subnet 's'/],
      [{ security_groups: { g: { rules: [{ id: 1 }] } } }, /id of rule 'g'/],
      [{ routers: { r: { interfaces: [1] } } }, /interfaces of router 'r'/],
      [{ ports: { p: { tenant_id: 'x' } } }, /tenant_id of port 'p'/],
      [{ ports: { ['x'.repeat(256)]: {} } }, /is no name/],
    ];
    for (const [body, message] of bodies) expect(() => readDocument(body)).toThrow(message);
  });
});

describe('an entry', () => {
  const entry = (name: string) => ({ name, attributes: {} });

  test('means what has its name, or its id', () => {
    const records = [
      { id: 'i1', name: 'a' },
      { id: 'i2', name: 'twin' },
      { id: 'i3', name: 'twin' },
    ];
    const { pairs, doomed } = match('port', [entry('a'), entry('i2'), entry('b')], records);
    expect(pairs.map(([, record]) => record?.id)).toEqual(['i1', 'i2', undefined]);
    expect(doomed.map(({ id }) => id)).toEqual(['i3']);
  });

  test('may not mean two resources, nor two entries one', () => {
    const twins = [
      { id: 'i1', name: 'a' },
      { id: 'i2', name: 'a' },
    ];
    expect(() => match('port', [entry('a')], twins)).toThrow(/2 of the project's ports/);
    const one = [{ id: 'i1', name: 'a' }];
    expect(() => match('port', [entry('a'), entry('i1')], one)).toThrow(/twice/);
  });

  test('is nobody’s end where the collection is not named', () => {
    expect(match('port', undefined, [{ id: 'i', name: 'a' }]).doomed).toEqual([]);
  });
});

describe('a reference', () => {
  const names = new Names((_kind, id) => id === ID);
  names.add('network', 'n1', ['web']);
  names.addSubnet({ id: 's1', name: 'v4' }, { id: 'n1', name: 'web' });
  names.addSubnet({ id: 's2', name: 'v4' }, { id: 'n2', name: 'data' });

  test('is a name, a subnet within a network, or the id of what can be seen', () => {
    expect(names.id('network', 'web')).toBe('n1');
    expect(names.id('subnet', 'data/v4')).toBe('s2');
    expect(names.subnetWithin('n1', 'v4')).toBe('s1');
    expect(names.id('network', ID.toUpperCase())).toBe(ID);
    expect(() => names.id('subnet', 'v4')).toThrow(/2 of the project's subnets/);
    expect(() => names.id('network', 'v4')).toThrow(/no network 'v4'/);
    expect(() => names.id('network', { a: 1 })).toThrow(/no network/);
  });

  test('is written as the first name that is nothing else’s', () => {
    expect(names.label('network', 'n1')).toBe('web');
    expect(names.label('subnet', 's2')).toBe('data/v4');
    expect(names.label('network', ID)).toBe(ID);
  });
});

describe('an attribute is as it is wanted', () => {
  const facts = (view: object, dnsDomain?: string) => ({
    view: view as Readonly<Record<string, unknown>>,
    isAuto: (id: string) => id === 'auto',
    dnsDomain,
  });
  const address = (subnet_id: string, ip_address: string) => ({ subnet_id, ip_address });

  test.each([
    ['mtu', 0, 1450, true],
    ['mtu', 1400, 1450, false],
    ['cidr', null, '10.0.0.0/24', true],
    ['ha', null, false, true],
    ['security_groups', ['a', 'b'], ['b', 'a'], true],
    ['security_groups', ['a', 'a'], ['b', 'a'], false],
    ['fixed_ips', [{ subnet_id: 's' }], [address('s', '10.0.0.1')], true],
    [
      'fixed_ips',
      [{ subnet_id: 's' }, address('s', '10.0.0.1')],
      [address('s', '10.0.0.1')],
      false,
    ],
    ['fixed_ips', [{ ip_address: '10.0.0.1' }], [address('s', '10.0.0.1')], true],
    ['fixed_ips', [], [address('auto', 'fd00::1')], true],
    ['fixed_ips', [], [address('s', '10.0.0.1')], false],
    ['external_gateway_info', { network_id: 'n' }, { network_id: 'n', enable_snat: false }, true],
    [
      'external_gateway_info',
      { network_id: 'n', enable_snat: true },
      { network_id: 'n', enable_snat: false },
      false,
    ],
    ['external_gateway_info', null, { network_id: 'n' }, false],
    ['name', 'a', undefined, false],
  ])('%s: %j of %j: %s', (name, wish, now, expected) => {
    expect(isSame(name, wish, facts({ [name]: now }))).toBe(expected);
  });

  test('when an address pair without a MAC address has the port’s own', () => {
    const own = { mac_address: 'fa:16:3e:00:00:01' };
    const view = { ...own, allowed_address_pairs: [{ ip_address: '10.0.0.9', ...own }] };
    const wish = [{ ip_address: '10.0.0.9' }];
    expect(isSame('allowed_address_pairs', wish, facts(view))).toBe(true);
  });

  test('when options that it names are there, and those that it takes away are not', () => {
    const option = { opt_name: 'mtu', opt_value: '1400', ip_version: 4 };
    const view = { extra_dhcp_opts: [option] };
    expect(isSame('extra_dhcp_opts', [], facts(view))).toBe(true);
    expect(isSame('extra_dhcp_opts', [{ ...option, opt_value: null }], facts(view))).toBe(false);
    expect(
      isSame('extra_dhcp_opts', [{ ...option, opt_name: 'x', opt_value: null }], facts(view)),
    ).toBe(true);
  });

  test('when the region keeps no names of ports, and the name is one', () => {
    expect(isSame('dns_name', 'vm', facts({ dns_name: '' }, 'openstacklocal.'))).toBe(true);
    expect(isSame('dns_name', 'vm', facts({ dns_name: '' }, 'example.org.'))).toBe(false);
    expect(isSame('dns_domain', 'a.b.', facts({ dns_domain: '' }))).toBe(false);
  });
});
