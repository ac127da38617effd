/**
 * Goal: names of ports are kept where a domain was chosen, refused where DNS could not carry them,
 * and shown with each address. Method: the readers and the rules by themselves.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_DNS_DOMAIN, dnsAssignment, keptNames } from '../../../src/topology/index.ts';
import { readNetworkCreate, readPortCreate, refusal, uuid } from './world.ts';

const DOMAIN = 'cloud.example.';
const port = (more: object) => readPortCreate({ network_id: uuid(1), ...more });

describe('a DNS name', () => {
  test.each(['vm', 'vm.rack-1', 'vm.cloud.example.', ''])('may be %j', (dns_name) => {
    expect(port({ dns_name }).dns_name).toBe(dns_name);
  });

  test('is kept in lower case', () => {
    expect(port({ dns_name: 'VM-1', dns_domain: 'Example.ORG.' })).toMatchObject({
      dns_name: 'vm-1',
      dns_domain: 'example.org.',
    });
    expect(readNetworkCreate({ dns_domain: 'Example.ORG.' }).dns_domain).toBe('example.org.');
  });

  test.each([
    [{ dns_name: 7 }, 'must be string type'],
    [{ dns_name: null }, 'must be string type'],
    [{ dns_name: '-vm' }, 'must not start or end with a hyphen'],
    [{ dns_name: 'vm_1' }, 'can only be alphanumeric or a hyphen'],
    [{ dns_name: 'a..b' }, 'Encountered an empty component'],
    [{ dns_name: 'vm.123' }, "TLD '123' must not be all numeric"],
    [{ dns_name: 'x'.repeat(64) }, 'must be 1-63 characters long'],
    [{ dns_name: 'a.'.repeat(129) }, 'exceeds'],
    [{ dns_domain: 'example.org' }, 'is not a FQDN'],
    [{ dns_domain: '.' }, 'Encountered an empty component'],
  ])('%j is refused', (given, text) => {
    const [, status, message] = refusal(() => port(given));
    expect(status).toBe(400);
    expect(message).toContain(text);
  });
});

describe('a name in a request', () => {
  const given = { dns_name: 'vm', dns_domain: 'example.org.', other: 1 };

  test('is dropped while the domain is nobody’s choice', () => {
    const nothing = { dns_name: '', dns_domain: '', other: 1 };
    expect(keptNames(given, DEFAULT_DNS_DOMAIN)).toEqual(nothing);
    expect(keptNames(given, '')).toEqual(nothing);
    const unnamed: { dns_name?: string; other: number } = { other: 1 };
    expect(keptNames(unnamed, DEFAULT_DNS_DOMAIN)).toBe(unnamed);
  });

  test('is kept in a domain, and a whole one must end in it', () => {
    expect(keptNames(given, DOMAIN)).toBe(given);
    expect(keptNames({ dns_name: 'vm.cloud.example.' }, DOMAIN).dns_name).toBe('vm.cloud.example.');
    for (const dns_name of ['vm.example.org.', '.cloud.example.', 'x'.repeat(241)]) {
      expect(refusal(() => keptNames({ dns_name }, DOMAIN))[1], dns_name).toBe(400);
    }
  });
});

test('every address has a name in the domain', () => {
  const fixed_ips = ['10.0.0.7', '2001:db8::1'].map((ip_address) => ({
    subnet_id: uuid(2),
    ip_address,
  }));
  const fqdns = (dns_name: string, domain = DOMAIN) =>
    dnsAssignment({ dns_name, fixed_ips }, domain).map(({ fqdn }) => fqdn);
  expect(dnsAssignment({ dns_name: '', fixed_ips }, DOMAIN)[0]).toEqual({
    ip_address: '10.0.0.7',
    hostname: 'host-10-0-0-7',
    fqdn: 'host-10-0-0-7.cloud.example.',
  });
  expect(fqdns('')[1]).toBe('host-2001-db8--1.cloud.example.');
  expect(fqdns('vm')).toEqual(['vm.cloud.example.', 'vm.cloud.example.']);
  expect(fqdns('vm.cloud.example.')[0]).toBe('vm.cloud.example.');
  expect(fqdns('vm', '')[0]).toBe('vm');
});
