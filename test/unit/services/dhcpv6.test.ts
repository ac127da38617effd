/**
 * Goal: a DHCPv6 client gets what the intent says of its port, by the rules of RFC 8415, and nobody
 * else gets anything; nonsense costs nothing.
 * Method: messages written and read as hexadecimal text, apart from the server's codec; a fuzz.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { udp } from '../../../lab/frames.ts';
import { network, port, subnet } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { dhcp6Facts } from '../../../src/services/dhcpv6/facts.ts';
import { answerDhcp6 } from '../../../src/services/dhcpv6/server.ts';
import type { Port, Subnet } from '../../../src/topology/index.ts';

const MAC = '02:00:00:00:00:0a';
const LINK_LOCAL = 'fe80::ff:fe00:a';
const ADDRESS = 'fd000000000000000000000000000010';
const [SOLICIT, ADVERTISE, REQUEST, CONFIRM, RENEW, REBIND, REPLY, RELEASE, DECLINE, INFORM] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11,
];
const CLIENT = option(1, '000300010200000000aa');
const SERVER = option(2, '00030001024844000001');
const ORO = option(6, '0017001800380020003b');
const DAY = '00015180';

interface Said {
  readonly subnet?: Partial<Subnet>;
  readonly port?: Partial<Port>;
}

function facts({ subnet: said, port: more }: Said = {}) {
  const net = network('net', 7);
  const own = subnet('subnet-net', 'net', {
    ip_version: 6,
    cidr: 'fd00::/64',
    ipv6_address_mode: 'dhcpv6-stateful',
    ipv6_ra_mode: 'dhcpv6-stateful',
    dns_nameservers: ['2001:db8::53'],
    ...said,
  });
  const topology = topologyOf([
    ['network/net', net],
    ['subnet/subnet-net', own],
  ]);
  const asker = port('p', { network: 'net', mac: MAC, ips: ['fd00::10'] }, more);
  const settings = { dnsDomain: 'blue.example.', leaseS: 86_400 };
  return dhcp6Facts(topology, { port: asker, network: net, binding: undefined as never }, settings);
}

function ask(type: number, options: readonly string[], said?: Said, sourceIp = LINK_LOCAL) {
  const known = facts(said);
  if (known === undefined) return 'no facts';
  return answerDhcp6(question(type, options, sourceIp), known);
}

function question(type: number, options: readonly string[], sourceIp = LINK_LOCAL): Buffer {
  const payload = Buffer.from(`${byte(type)}abcdef${options.join('')}`, 'hex');
  const ends = {
    source: MAC,
    destination: '33:33:00:01:00:02',
    sourceIp,
    destinationIp: 'ff02::1:2',
  };
  return udp(ends, { from: 546, to: 547 }, payload);
}

/** Type and options of an answer, the options by number. */
function read(frame: Buffer | string) {
  if (typeof frame === 'string') throw new Error(`no answer: ${frame}`);
  const payload = frame.subarray(62).toString('hex');
  expect(frame.toString('hex', 0, 12)).toBe('02000000000a' + '024844000001');
  expect(frame.toString('hex', 54, 58)).toBe('02230222');
  expect(payload.slice(2, 8)).toBe('abcdef');
  const options = new Map<number, string>();
  for (let at = 8; at < payload.length; ) {
    const code = Number.parseInt(payload.slice(at, at + 4), 16);
    const length = Number.parseInt(payload.slice(at + 4, at + 8), 16) * 2;
    options.set(code, payload.slice(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return { type: Number.parseInt(payload.slice(0, 2), 16), options };
}

function option(code: number, value: string): string {
  return `${code.toString(16).padStart(4, '0')}${(value.length / 2).toString(16).padStart(4, '0')}${value}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function association(...addresses: readonly string[]): string {
  const inner = addresses.map((address) => option(5, `${address}0000000000000000`));
  return option(3, `00000007${'00000000'.repeat(2)}${inner.join('')}`);
}

/** Renewal after half a day, rebinding after four fifths of it. */
const GRANTED = '00000007' + '0000a8c0' + '00010e00';
const granted = (address: string, lifetime = DAY) => option(5, `${address}${lifetime}${lifetime}`);

describe('the way to an address', () => {
  test('a solicitation is advertised the addresses of the port', () => {
    const { type, options } = read(ask(SOLICIT, [CLIENT, association()]));
    expect(type).toBe(ADVERTISE);
    expect(options.get(1)).toBe('000300010200000000aa');
    expect(options.get(2)).toBe('00030001024844000001');
    expect(options.get(3)).toBe(`${GRANTED}${granted(ADDRESS)}`);
  });

  test('who commits rapidly has them at once', () => {
    const { type, options } = read(ask(SOLICIT, [CLIENT, option(14, ''), association()]));
    expect(type).toBe(REPLY);
    expect(options.get(14)).toBe('');
    expect(options.get(3)).toContain(ADDRESS);
  });

  test.each([
    ['REQUEST', REQUEST, [CLIENT, SERVER, association(ADDRESS)]],
    ['RENEW', RENEW, [CLIENT, SERVER, association(ADDRESS)]],
    ['REBIND', REBIND, [CLIENT, association(ADDRESS)]],
  ])('%s is granted', (_, type, options) => {
    const answer = read(ask(type, options));
    expect(answer.type).toBe(REPLY);
    expect(answer.options.get(3)).toBe(`${GRANTED}${granted(ADDRESS)}`);
  });

  test('an address that is another’s ends at once beside the own one', () => {
    const other = ADDRESS.replace(/10$/, '99');
    const { options } = read(ask(REBIND, [CLIENT, association(other)]));
    expect(options.get(3)).toBe(`${GRANTED}${granted(ADDRESS)}${granted(other, '00000000')}`);
  });

  test('who was away is told whether its address belongs here', () => {
    const other = ADDRESS.replace(/10$/, '99');
    const status = (address: string) =>
      read(ask(CONFIRM, [CLIENT, association(address)]))
        .options.get(13)
        ?.slice(0, 4);
    expect(status(ADDRESS)).toBe('0000');
    expect(status(other)).toBe('0004');
    expect(ask(CONFIRM, [CLIENT, association()])).toBe('about no address');
  });

  test('nothing is to be done about a release or a conflict but to say so', () => {
    for (const type of [RELEASE, DECLINE]) {
      const { options } = read(ask(type, [CLIENT, SERVER, association(ADDRESS)]));
      expect(options.get(13)?.slice(0, 4)).toBe('0000');
    }
  });

  test('no temporary address, no prefix, and no second association', () => {
    const prefixes = option(25, '000000090000000000000000');
    const temporary = option(4, '00000008');
    const { options } = read(ask(SOLICIT, [CLIENT, prefixes, temporary, association()]));
    expect(options.get(25)).toMatch(/^000000090000000000000000000d....0006/);
    expect(options.get(4)).toMatch(/^00000008000d....0002/);
    expect(options.get(3)).toContain(ADDRESS);
    const second = option(3, '000000080000000000000000');
    expect(read(ask(SOLICIT, [CLIENT, association(), second])).options.get(3)).toMatch(
      /^000000080000000000000000000d....0002/,
    );
  });
});

describe('what the subnet and the port say', () => {
  test('only what was asked for: name servers and names', () => {
    const { options } = read(ask(INFORM, [CLIENT, ORO]));
    expect(options.get(23)).toBe('20010db8000000000000000000000053');
    expect(options.get(24)).toBe('04626c7565076578616d706c6500');
    expect(options.has(3)).toBe(false);
    expect([...read(ask(INFORM, [CLIENT])).options.keys()]).toEqual([1, 2]);
  });

  test('options of the port go before, by name and by number', () => {
    const extra_dhcp_opts = [
      { opt_name: 'dns-server', opt_value: '[fd00::53]', ip_version: 6 },
      { opt_name: '59', opt_value: 'tftp://[fd00::1]/x', ip_version: 6 },
      { opt_name: '3', opt_value: '1', ip_version: 6 },
      { opt_name: 'dns-server', opt_value: '9.9.9.9', ip_version: 4 },
    ] as const;
    const { options } = read(ask(INFORM, [CLIENT, ORO], { port: { extra_dhcp_opts } }));
    expect(options.get(23)).toBe('fd000000000000000000000000000053');
    expect(Buffer.from(options.get(59) ?? '', 'hex').toString()).toBe('tftp://[fd00::1]/x');
    expect(options.has(3)).toBe(false);
  });

  test('addresses come by other ways where the mode is stateless', () => {
    const said = { subnet: { ipv6_address_mode: 'dhcpv6-stateless' } } as const;
    expect(read(ask(SOLICIT, [CLIENT, association()], said)).options.get(3)).toMatch(
      /000d....0002/,
    );
    expect(read(ask(INFORM, [ORO], said)).options.has(23)).toBe(true);
  });

  test.each<[string, Partial<Subnet>]>([
    ['without DHCP', { enable_dhcp: false }],
    ['of SLAAC', { ipv6_address_mode: 'slaac' }],
    ['whose addresses are somebody else’s to give', { ipv6_address_mode: null }],
  ])('a subnet %s has no server', (_, said) => {
    expect(ask(SOLICIT, [CLIENT, association()], { subnet: said })).toBe('no facts');
  });
});

test.each([
  ['without a client', ask(SOLICIT, [association()]), 'no question'],
  ['of a client twice', ask(SOLICIT, [CLIENT, CLIENT]), 'no question'],
  ['of an endless client', ask(SOLICIT, [option(1, '00'.repeat(200))]), 'no question'],
  ['to another server', ask(REQUEST, [CLIENT, option(2, '0003000102')]), 'for another server'],
  ['to no server', ask(REQUEST, [CLIENT]), 'for another server'],
  ['to one server that is for all', ask(SOLICIT, [CLIENT, SERVER]), 'no question'],
  ['from no address', ask(SOLICIT, [CLIENT], {}, '::'), 'from no address'],
  ['that is an answer', ask(REPLY, [CLIENT, SERVER]), 'no question'],
])('a message %s is not answered', (_, answer, why) => {
  expect(answer).toBe(why);
});

test('no damaged frame is more than malformed, and no answer longer than a frame', () => {
  const known = facts();
  if (known === undefined) throw new Error('no facts');
  const many = Array.from({ length: 60 }, () => association());
  const good = question(SOLICIT, [CLIENT, ORO, ...many]);
  const answer = answerDhcp6(good, known);
  expect(answer.length).toBeLessThan(1280);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }),
      fc.nat(good.length),
      (damage, length) => {
        const frame = Buffer.from(good);
        for (const [at, value] of damage) frame[at] = value;
        const answered = answerDhcp6(frame.subarray(0, length), known);
        if (typeof answered !== 'string') expect(answered.length).toBeLessThan(1500);
      },
    ),
    { numRuns: 2000 },
  );
});
