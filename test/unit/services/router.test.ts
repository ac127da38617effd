/**
 * Goal: a router solicitation is answered with what the subnets of the network say: how addresses
 * are made, where names are, and a router only where there is one.
 * Method: records made by hand; advertisements read as hexadecimal text, apart from the codec.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipFrame, pseudoHeader, withChecksum } from '../../../lab/frames.ts';
import { network, port, subnet } from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import { answerSolicitation } from '../../../src/services/router/advertisement.ts';
import { advertisersOf } from '../../../src/services/router/facts.ts';
import { ROUTER_INTERFACE, type Subnet } from '../../../src/topology/index.ts';

const ENDS = {
  source: '02:00:00:00:00:0a',
  destination: '33:33:00:00:00:02',
  sourceIp: 'fe80::ff:fe00:a',
  destinationIp: 'ff02::2',
};
const [M, O] = [0x80, 0x40];
const SERVICE = '024844000001';
const ROUTER = '020000000001';

function solicitation(): Buffer {
  const message = Buffer.from('8500000000000000' + '0101' + '02000000000a', 'hex');
  return ipFrame(ENDS, 58, withChecksum(message, 2, pseudoHeader(ENDS, 58, message.length)));
}

function answers(subnets: readonly Partial<Subnet>[], routed: readonly string[] = []) {
  const net = network('net', 7);
  const all = subnets.map((said, index) =>
    subnet(`s${index}`, 'net', { ip_version: 6, cidr: `fd00:${index}::/64`, ...said }),
  );
  const at = { network: 'net', mac: '02:00:00:00:00:01', ips: [] };
  const fixed_ips = routed.map((subnet_id) => ({ subnet_id, ip_address: 'fd00::1' }));
  const interfacePort = port('r', at, { device_owner: ROUTER_INTERFACE, fixed_ips });
  const topology = topologyOf([
    ['network/net', net],
    ['port/r', interfacePort],
    ...all.map((value): Row => [`subnet/${value.id}`, value]),
  ]);
  const advertisers = advertisersOf(topology, net, { dnsDomain: 'a.example.' });
  const frames = answerSolicitation(solicitation(), advertisers);
  return typeof frames === 'string' ? frames : frames.map(read);
}

function read(frame: Buffer) {
  const hex = frame.toString('hex');
  expect(hex.slice(0, 12)).toBe('333300000001');
  expect(hex.slice(76, 108)).toBe('ff020000000000000000000000000001');
  expect(hex.slice(42, 44) + hex.slice(108, 112)).toBe('ff' + '8600');
  const options: string[] = [];
  for (let at = 140; at < hex.length; ) {
    const length = Number.parseInt(hex.slice(at + 2, at + 4), 16) * 16;
    options.push(hex.slice(at, at + length));
    at += length;
  }
  const message = frame.subarray(54);
  const ends = { ...ENDS, sourceIp: colons(hex.slice(44, 76)), destinationIp: 'ff02::1' };
  const zeroed = Buffer.from(message);
  zeroed.writeUInt16BE(0, 2);
  const sum = withChecksum(zeroed, 2, pseudoHeader(ends, 58, message.length)).readUInt16BE(2);
  expect(message.readUInt16BE(2)).toBe(sum);
  const source = { mac: hex.slice(12, 24), address: colons(hex.slice(44, 76)) };
  return { ...source, flags: message[5], lifetime: message.readUInt16BE(6), options };
}

function colons(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1:');
}

const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } as const;

test.each([
  ['slaac', 0, 'c0'],
  ['dhcpv6-stateless', O, 'c0'],
  ['dhcpv6-stateful', M, '80'],
] as const)('%s says how addresses are made', (ipv6_ra_mode, flags, prefixFlags) => {
  const [only] = answers([{ ipv6_ra_mode }]);
  const forever = 'ffffffff';
  expect(only).toEqual({
    mac: SERVICE,
    address: 'fe80:0000:0000:0000:0048:44ff:fe00:0001',
    flags,
    lifetime: 0,
    options: [
      `0101${SERVICE}`,
      '05010000000005a2',
      `030440${prefixFlags}${forever}${forever}00000000fd000000000000000000000000000000`,
      `1f030000${forever}0161076578616d706c6500` + '0000000000',
    ],
  });
});

test('name servers are told', () => {
  const [only] = answers([{ ...slaac, dns_nameservers: ['2001:db8::53', '2001:db8::54'] }]);
  expect((only as ReturnType<typeof read>).options[3]).toBe(
    '19050000ffffffff' + '20010db8000000000000000000000053' + '20010db8000000000000000000000054',
  );
  const [none] = answers([{ ...slaac, dns_nameservers: ['::'] }]);
  expect((none as ReturnType<typeof read>).options[3]).toMatch(/^1f/);
});

test('a router speaks for the subnets that it has a port on, and lives', () => {
  const frames = answers([slaac, slaac, { ipv6_ra_mode: 'dhcpv6-stateful' }], ['s0', 's2']);
  expect(frames).toMatchObject([
    { mac: ROUTER, address: 'fe80:0000:0000:0000:0000:00ff:fe00:0001', flags: M, lifetime: 65_535 },
    { mac: SERVICE, flags: 0, lifetime: 0 },
  ]);
});

test('a network whose subnets leave advertisements to others is silent', () => {
  expect(answers([{ ipv6_ra_mode: null }, { ip_version: 4, cidr: '10.0.0.0/24' }])).toBe(
    'nothing to advertise',
  );
});

test('no damaged solicitation is more than malformed', () => {
  const good = solicitation();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
      const frame = Buffer.from(good);
      frame[at] = value;
      answerSolicitation(frame.subarray(0, length), []);
    }),
    { numRuns: 1000 },
  );
});
