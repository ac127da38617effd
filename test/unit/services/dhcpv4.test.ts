/**
 * Goal: a DHCP client gets what the intent says of its port, by the rules of RFC 2131, and nobody
 * else gets anything; nonsense costs nothing.
 * Method: frames of a client written apart from the server, answers read the same way; records made
 * by hand; a fuzz over damaged frames.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { network, port, subnet } from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import { dhcp4Facts } from '../../../src/services/dhcpv4/facts.ts';
import { answerDhcp4 } from '../../../src/services/dhcpv4/server.ts';
import type { Port, Subnet } from '../../../src/topology/index.ts';
import {
  CLIENT_MAC,
  type DhcpQuestion,
  dhcpFrame,
  dotted,
  ip,
  readAnswer,
} from '../../support/dhcp-client.ts';

const [DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM] = [1, 2, 3, 4, 5, 6, 7, 8];
const SERVER = '169.254.169.254';
const EVERYTHING = Buffer.from([1, 3, 6, 12, 15, 26, 28, 42, 66, 67, 119, 121, 150, 209]);

interface Said {
  readonly subnet?: Partial<Subnet>;
  readonly port?: Partial<Port>;
  readonly others?: readonly Subnet[];
  /** Whether another port of the network has a name. */
  readonly isNamed?: boolean;
}

function facts(said: Said = {}) {
  const net = network('net', 7, { dns_domain: 'blue.example.' });
  const own = subnet('subnet-net', 'net', { gateway_ip: '10.0.0.1', ...said.subnet });
  const subnets = [own, ...(said.others ?? [])];
  const topology = topologyOf([
    ['network/net', net],
    ...subnets.map((value): Row => [`subnet/${value.id}`, value]),
  ]);
  if (said.isNamed === true) {
    const named = { network: 'net', mac: '02:00:00:00:00:0b', ips: [] };
    const value = port('named', named, { dns_name: 'web' });
    topology.apply({ revision: 2, at: '', puts: [{ key: 'port/named', value }], deletes: [] });
  }
  const at = { network: 'net', mac: CLIENT_MAC, ips: ['fd00::10', '10.0.0.10'] };
  const asker = { port: port('p', at, said.port), network: net, binding: undefined as never };
  return dhcp4Facts(topology, asker, { dnsDomain: 'openstacklocal.', leaseS: 86_400 });
}

function ask(question: DhcpQuestion, said?: Said): Buffer | string {
  const known = facts(said);
  return known === undefined ? 'no facts' : answerDhcp4(dhcpFrame(question), known);
}

const requested = (address: string) => [50, ip(address)] as const;
const toServer = (address: string) => [54, ip(address)] as const;
const all = [55, EVERYTHING] as const;

describe('the way to an address', () => {
  test('a discovery is offered the address of the port', () => {
    const answer = readAnswer(ask({ type: DISCOVER, options: [all] }));
    expect(answer).toMatchObject({
      type: OFFER,
      yiaddr: '10.0.0.10',
      source: SERVER,
      destination: '10.0.0.10',
      destinationMac: '02000000000a',
    });
    expect(dotted(answer.options.get(54))).toBe(SERVER);
    expect(answer.options.get(51)?.readUInt32BE()).toBe(86_400);
    expect(answer.options.get(58)?.readUInt32BE()).toBe(43_200);
    expect(answer.options.get(59)?.readUInt32BE()).toBe(75_600);
  });

  test('byte for byte', () => {
    const frame = ask({ type: DISCOVER, options: [[55, Buffer.from([1, 3])]] });
    const [bootp, zeros] = ['02010600' + '3903f326' + '00000000' + '00000000', '00'.repeat(202)];
    const addresses = '0a00000a' + '00000000' + '00000000' + '02000000000a';
    const options =
      '63825363' +
      '350102' +
      '3604a9fea9fe' +
      '330400015180' +
      '3a040000a8c0' +
      '3b0400012750' +
      '0104ffffff00' +
      '03040a000001' +
      'ff';
    expect(frame.toString('hex').slice(84)).toBe(bootp + addresses + zeros + options);
    expect(frame.toString('hex').slice(0, 84)).toBe(
      '02000000000a' +
        '024844000001' +
        '0800' +
        '450001340000000040111bb3' +
        'a9fea9fe' +
        '0a00000a' +
        '004300440120' +
        frame.toString('hex', 40, 42),
    );
  });

  test('a client that cannot yet get unicast is answered by broadcast', () => {
    const answer = readAnswer(ask({ type: DISCOVER, flags: 0x8000 }));
    const everybody = { destination: '255.255.255.255', destinationMac: 'ffffffffffff' };
    expect(answer).toMatchObject({ ...everybody, flags: 0x8000 });
  });

  test('what was offered is granted', () => {
    const options = [requested('10.0.0.10'), toServer(SERVER)];
    expect(readAnswer(ask({ type: REQUEST, options }))).toMatchObject({
      type: ACK,
      yiaddr: '10.0.0.10',
    });
  });

  test('what another server offered is not our business', () => {
    const options = [requested('10.0.0.10'), toServer('10.0.0.2')];
    expect(ask({ type: REQUEST, options })).toBe('for another server');
  });

  test.each([
    ['after a reboot', { type: REQUEST, options: [requested('10.0.0.10')] }],
    ['to renew', { type: REQUEST, ciaddr: '10.0.0.10', source: '10.0.0.10' }],
    ['to rebind', { type: REQUEST, ciaddr: '10.0.0.10', source: '10.0.0.10', flags: 0x8000 }],
  ])('the own address is granted %s', (_, question) => {
    const answer = readAnswer(ask(question));
    expect(answer).toMatchObject({ type: ACK, yiaddr: '10.0.0.10', destination: '10.0.0.10' });
  });

  test.each([
    ['after a reboot', { type: REQUEST, options: [requested('10.0.0.11')] }],
    [
      'in answer to an offer',
      { type: REQUEST, options: [requested('10.0.0.9'), toServer(SERVER)] },
    ],
    ['to renew', { type: REQUEST, ciaddr: '10.0.0.11' }],
  ])('another address is refused %s', (_, question) => {
    const answer = readAnswer(ask(question));
    const everybody = { destination: '255.255.255.255', destinationMac: 'ffffffffffff' };
    expect(answer).toMatchObject({ type: NAK, yiaddr: '0.0.0.0', ...everybody });
    expect(answer.options.has(51)).toBe(false);
  });

  test('who has its address otherwise is told the rest, without a lease', () => {
    const question = { type: INFORM, ciaddr: '10.0.0.10', source: '10.0.0.10', options: [all] };
    const answer = readAnswer(ask(question));
    expect(answer).toMatchObject({ type: ACK, yiaddr: '0.0.0.0', destination: '10.0.0.10' });
    expect([51, 58, 59].map((code) => answer.options.has(code))).toEqual([false, false, false]);
    expect(dotted(answer.options.get(3))).toBe('10.0.0.1');
  });

  test('nothing is to be done about a release or a conflict', () => {
    expect(ask({ type: RELEASE, ciaddr: '10.0.0.10' })).toBe('released');
    expect(ask({ type: DECLINE })).toContain('declined');
  });

  test('the client is told who it is, by the identifier that it gave', () => {
    const id = Buffer.from('01020000000a', 'hex');
    expect(readAnswer(ask({ type: DISCOVER, options: [[61, id]] })).options.get(61)).toEqual(id);
    const wrong = { type: REQUEST, options: [requested('10.0.0.9'), [61, id]] as const };
    expect(readAnswer(ask(wrong)).options.get(61)).toEqual(id);
  });
});

describe('who is not answered', () => {
  test.each([
    ['a starving of addresses by made-up MAC addresses', { chaddr: '02:66:66:66:66:66' }, 'MAC'],
    ['a relay', { giaddr: '10.0.0.2' }, 'relay'],
    ['a question from another address', { source: '10.0.0.11' }, 'another address'],
    ['an inquiry about another address', { type: INFORM, ciaddr: '10.0.0.11' }, 'another address'],
    ['an answer', { type: OFFER }, 'no question'],
  ])('%s', (_, question, why) => {
    expect(ask({ type: DISCOVER, ...question })).toContain(why);
  });

  test('a port without an address in a subnet with DHCP', () => {
    expect(ask({ type: DISCOVER }, { subnet: { enable_dhcp: false } })).toBe('no facts');
    expect(ask({ type: DISCOVER }, { port: { fixed_ips: [] } })).toBe('no facts');
  });
});

describe('what the subnet says', () => {
  const options = (said: Said, codes = EVERYTHING) =>
    readAnswer(ask({ type: DISCOVER, options: [[55, codes]] }, said)).options;

  test('mask, router, name servers, names, MTU', () => {
    const got = options({
      subnet: { cidr: '10.0.0.0/20', dns_nameservers: ['9.9.9.9', '1.1.1.1'] },
    });
    expect(dotted(got.get(1))).toBe('255.255.240.0');
    expect(dotted(got.get(28))).toBe('10.0.15.255');
    expect(dotted(got.get(3))).toBe('10.0.0.1');
    expect([dotted(got.get(6)), dotted(got.get(6), 4)]).toEqual(['9.9.9.9', '1.1.1.1']);
    expect(String(got.get(12))).toBe('host-10-0-0-10');
    expect(String(got.get(15))).toBe('blue.example');
    expect(got.get(26)?.readUInt16BE()).toBe(1442);
    expect(String(options({ port: { dns_name: 'web' } }).get(12))).toBe('web');
  });

  test.each<[string, string[], boolean, string | undefined]>([
    ['none where there is none', [], false, undefined],
    ['the address of services where ports have names', [], true, SERVER],
    ['the subnet’s own all the same', ['9.9.9.9'], true, '9.9.9.9'],
    ['none where it says that there is none', ['0.0.0.0'], true, undefined],
  ])('as name server %s', (_, dns_nameservers, isNamed, expected) => {
    const server = options({ subnet: { dns_nameservers }, isNamed }).get(6);
    expect(server && dotted(server)).toBe(expected);
  });

  test('only what was asked for, in that order, and the least that a client needs', () => {
    const got = options({}, Buffer.from([15, 3, 250]));
    expect([...got.keys()]).toEqual([53, 54, 51, 58, 59, 1, 15, 3]);
  });

  test('routes with the one by the router among them: who reads these reads no other', () => {
    const host_routes = [{ destination: '192.168.0.0/17', nexthop: '10.0.0.2' }];
    const got = options({ subnet: { host_routes } });
    expect(got.get(121)?.toString('hex')).toBe(
      '11c0a8000a000002' + '20a9fea9fe00000000' + '000a000001',
    );
  });

  test('a default route of its own where it names no gateway; none without either', () => {
    const host_routes = [{ destination: '0.0.0.0/0', nexthop: '10.0.0.9' }];
    expect(dotted(options({ subnet: { gateway_ip: null, host_routes } }).get(3))).toBe('10.0.0.9');
    expect(dotted(options({ subnet: { host_routes } }).get(3))).toBe('10.0.0.1');
    const none = options({ subnet: { gateway_ip: null } });
    expect(none.has(3)).toBe(false);
    expect(none.get(121)?.toString('hex')).toBe('20a9fea9fe00000000');
  });

  test('a route to services of its own is the only one', () => {
    const host_routes = [{ destination: '169.254.169.254/32', nexthop: '10.0.0.2' }];
    expect(options({ subnet: { host_routes } }).get(121)?.toString('hex')).toBe(
      '20a9fea9fe0a000002' + '000a000001',
    );
  });
});

describe('what the port says', () => {
  const extra = (...list: readonly (readonly [string, string])[]): Said => ({
    port: {
      extra_dhcp_opts: list.map(([opt_name, opt_value]) => ({
        opt_name,
        opt_value,
        ip_version: 4,
      })),
    },
  });
  const options = (said: Said, more: DhcpQuestion['options'] = []) =>
    readAnswer(ask({ type: DISCOVER, options: [all, ...more] }, said));

  test('goes before what the subnet says, by name and by number', () => {
    const got = options(
      extra(['mtu', '1400'], ['42', '10.0.0.3,10.0.0.4'], ['option:router', '10.0.0.7']),
    );
    expect(got.options.get(26)?.readUInt16BE()).toBe(1400);
    expect(got.options.get(42)).toHaveLength(8);
    expect(dotted(got.options.get(3))).toBe('10.0.0.7');
    expect(got.options.get(121)?.toString('hex')).toBe('20a9fea9fe00000000' + '000a000007');
  });

  test('an empty router or list of routes takes them away', () => {
    const router = options(extra(['router', '']));
    expect(router.options.has(3)).toBe(false);
    expect(router.options.get(121)?.toString('hex')).toBe('20a9fea9fe00000000');
    expect(options(extra(['classless-static-route', ''])).options.has(121)).toBe(false);
  });

  test('a lease of its own length is renewed in time', () => {
    const got = options(extra(['51', '600']));
    expect([51, 58, 59].map((code) => got.options.get(code)?.readUInt32BE())).toEqual([
      600, 300, 525,
    ]);
  });

  test('what firmware boots from, in options and where old firmware looks', () => {
    const said = extra(
      ['bootfile-name', 'pxelinux.0'],
      ['tftp-server', '10.0.0.5'],
      ['150', '10.0.0.5'],
    );
    const got = options(said);
    expect(got).toMatchObject({ siaddr: '10.0.0.5', file: 'pxelinux.0' });
    expect(String(got.options.get(67))).toBe('pxelinux.0');
    expect(String(got.options.get(66))).toBe('10.0.0.5');
    const next = extra(['server-ip-address', '10.0.0.6'], ['tftp-server', '10.0.0.5']);
    expect(options(next).siaddr).toBe('10.0.0.6');
  });

  test('another file for a client that is iPXE already', () => {
    const said = extra(
      ['tag:ipxe,67', 'http://10.0.0.5/boot.ipxe'],
      ['tag:!ipxe,67', 'undionly.kpxe'],
    );
    expect(options(said).file).toBe('undionly.kpxe');
    const ipxe = [77, Buffer.from('iPXE')] as const;
    expect(options(said, [ipxe]).file).toBe('http://10.0.0.5/boot.ipxe');
    expect(options(said, [[175, Buffer.from([1])]]).file).toBe('http://10.0.0.5/boot.ipxe');
  });

  test.each([
    ['domain-search', 'a.example,b.example', '0161076578616d706c650001620765' + '78616d706c6500'],
    ['209', 'pxelinux.cfg/x', Buffer.from('pxelinux.cfg/x').toString('hex')],
    ['ntp-server', 'not an address', undefined],
    ['server-identifier', '10.0.0.9', undefined],
  ])('%s of %s', (name, value, hex) => {
    const code = { 'domain-search': 119, 'ntp-server': 42 }[name] ?? Number(name);
    expect(
      options(extra([name, value]))
        .options.get(code)
        ?.toString('hex'),
    ).toBe(hex);
  });

  test.each([
    ['250', '10.0.0.1', '0a000001'],
    ['250', '7', '07'],
    ['250', '70000', '00011170'],
    ['250', 'de:ad:be', 'deadbe'],
    ['250', 'text', '74657874'],
  ])('option %s, which nobody knows, of %s', (name, value, hex) => {
    const list = [[55, Buffer.from([250])] as const];
    const got = readAnswer(ask({ type: DISCOVER, options: list }, extra([name, value])));
    expect(got.options.get(250)?.toString('hex')).toBe(hex);
  });

  test.each(['0', '53', '54', '255', '256', '55'])('option %s is not the port’s to say', (name) => {
    const got = options(extra([name, '9']), [[55, Buffer.from([Number(name) % 256])]]);
    expect(got.type).toBe(OFFER);
    expect(dotted(got.options.get(54))).toBe(SERVER);
  });

  test('more than fits is left out, from what was asked for last', () => {
    const long = 'x'.repeat(200);
    const said = extra(['root-path', long], ['210', long], ['209', long]);
    const codes = [[55, Buffer.from([17, 210, 209, 3])] as const];
    const small = readAnswer(ask({ type: DISCOVER, options: codes }, said));
    expect([17, 210, 209, 3].map((code) => small.options.has(code))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const size = Buffer.from([0x05, 0x00]);
    const large = readAnswer(ask({ type: DISCOVER, options: [...codes, [57, size]] }, said));
    expect([17, 210, 209, 3].every((code) => large.options.has(code))).toBe(true);
  });
});

test('no damaged frame is more than malformed', () => {
  const known = facts();
  if (known === undefined) throw new Error('no facts');
  const good = dhcpFrame({ type: DISCOVER, options: [all, [61, Buffer.alloc(7)]] });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(good.length),
      (damage, length) => {
        const frame = Buffer.from(good);
        for (const [at, value] of damage) frame[at] = value;
        const answer = answerDhcp4(frame.subarray(0, length), known);
        if (typeof answer !== 'string') expect(readAnswer(answer).source).toBe(SERVER);
      },
    ),
    { numRuns: 2000 },
  );
});
