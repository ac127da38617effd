/**
 * Goal: names of ports of one network are answered as RFC 1035 has it, whichever server was asked;
 * everything else goes on to that server, and nothing that guests send does harm.
 * Method: messages of a client written apart from the server, answers read the same way; records
 * made by hand; a fuzz over damaged messages.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { network, port, subnet } from '../../../lab/records.ts';
import { topologyOf } from '../../../lab/topology.ts';
import { NetworkNames } from '../../../src/services/dns/facts.ts';
import { answerDns, PASSED_ON } from '../../../src/services/dns/server.ts';
import type { AnyRecord, RecordKey } from '../../../src/topology/index.ts';
import {
  type DnsEnds,
  type DnsQuestion,
  dnsFrame,
  dnsMessage,
  nameBytes,
  optRecord,
  readDnsFrame,
} from '../../support/dns-client.ts';

const [A, NS, PTR, AAAA, HTTPS, ANY] = [1, 2, 12, 28, 65, 255];
const [SUCCESS, NXDOMAIN, REFUSED] = [0, 3, 5];
const RESOLVER = { server: '169.254.169.254', serverMac: '02:48:44:00:00:01' };
const SUBNETS = ['subnet-blue', 'subnet-blue-v6'] as const;

let macs = 0;

function vm(id: string, networkId: string, dns_name: string, ips: readonly string[]) {
  macs += 1;
  const fixed_ips = ips.map((ip_address) => ({
    subnet_id: `subnet-${networkId}${ip_address.includes(':') ? '-v6' : ''}`,
    ip_address,
  }));
  const mac = `02:00:00:00:01:${macs.toString(16).padStart(2, '0')}`;
  const at = { network: networkId, mac, ips: [] };
  return [`port/${id}`, port(id, at, { dns_name, fixed_ips })] as const;
}

const RECORDS: readonly (readonly [RecordKey, AnyRecord])[] = [
  ['network/blue', network('blue', 7, { dns_domain: 'blue.example.' })],
  ['network/red', network('red', 8)],
  [`subnet/${SUBNETS[0]}`, subnet(SUBNETS[0], 'blue')],
  [`subnet/${SUBNETS[1]}`, subnet(SUBNETS[1], 'blue', { ip_version: 6, cidr: 'fd00::/64' })],
  ['subnet/subnet-red', subnet('subnet-red', 'red')],
  vm('web', 'blue', 'web', ['10.0.0.20', 'fd00::20']),
  vm('twin-2', 'blue', 'twin', ['10.0.0.32']),
  vm('twin-1', 'blue', 'twin', ['10.0.0.31']),
  vm('whole', 'blue', 'whole.cloud.example.', ['10.0.0.40']),
  vm('deep', 'blue', 'www.example.org', ['10.0.0.50']),
  vm('bare', 'blue', 'bare', []),
  vm('unnamed', 'blue', '', ['10.0.0.60', 'fd00::60']),
  vm('secret', 'red', 'secret', ['10.0.0.99']),
];

function namesOf(rows = RECORDS, dnsDomain = 'cloud.example.'): NetworkNames {
  const topology = topologyOf(rows);
  const blue = topology.get('network', 'blue');
  if (blue === undefined) throw new Error('no network blue');
  return new NetworkNames(topology, blue, { dnsDomain });
}

const names = namesOf();

function ask(question: DnsQuestion | string, ends?: DnsEnds) {
  const asked = typeof question === 'string' ? { name: question } : question;
  return answerDns(dnsFrame(dnsMessage(asked), ends), names);
}

function reply(question: DnsQuestion | string, ends?: DnsEnds) {
  const frame = ask(question, ends);
  if (!Buffer.isBuffer(frame)) throw new Error(`no answer: ${String(frame)}`);
  return readDnsFrame(frame);
}

function values(question: DnsQuestion | string): string[] {
  return reply(question).answers.map(({ value }) => value);
}

describe('a name of a port', () => {
  test.each([
    ['alone', 'web'],
    ['in the domain of the settings', 'web.cloud.example'],
    ['in that of the network', 'web.blue.example'],
    ['in letters of any case', 'WeB.cLoUd.eXaMpLe'],
  ])('%s has its addresses', (_, name) => {
    expect(values(name)).toEqual(['10.0.0.20']);
    expect(values({ name, type: AAAA })).toEqual(['fd000000000000000000000000000020']);
    expect(values({ name, type: ANY })).toHaveLength(2);
  });

  test('that is a whole one is found as it is', () => {
    expect(values('whole.cloud.example')).toEqual(['10.0.0.40']);
    expect(ask('whole')).toBe(PASSED_ON);
    expect(ask('whole.blue.example')).toBe(PASSED_ON);
  });

  test('of several labels is none of the world’s, but one within a domain', () => {
    expect(ask('www.example.org')).toBe(PASSED_ON);
    expect(values('www.example.org.cloud.example')).toEqual(['10.0.0.50']);
  });

  test('that two have gives the addresses of both, always in the same order', () => {
    const reordered = namesOf(RECORDS.toReversed());
    for (const known of [names, reordered]) {
      const frame = answerDns(dnsFrame(dnsMessage({ name: 'twin' })), known);
      const { answers } = readDnsFrame(frame as Buffer);
      expect(answers.map(({ value }) => value)).toEqual(['10.0.0.31', '10.0.0.32']);
    }
  });

  test.each([
    ['of IPv6 where it has none', { name: 'twin', type: AAAA }],
    ['of a port without any', { name: 'bare' }],
    ['of a type that ports have none of', { name: 'web', type: HTTPS }],
    ['of servers', { name: 'web', type: NS }],
  ])('has no address %s, which is no failure and nothing to keep', (_, question) => {
    const { rcode, answers, flags } = reply(question);
    expect({ rcode, answers }).toEqual({ rcode: SUCCESS, answers: [] });
    expect(flags & 0x0200).toBe(0);
  });

  test('that was made of its address is found where it has no other', () => {
    expect(values('host-10-0-0-60.cloud.example')).toEqual(['10.0.0.60']);
    expect(values({ name: 'host-fd00--60', type: AAAA })).toHaveLength(1);
    expect(ask('host-10-0-0-20')).toBe(PASSED_ON);
    expect(ask('host-010-0-0-60')).toBe(PASSED_ON);
    expect(ask('host-fd00-0--60')).toBe(PASSED_ON);
    expect(ask('host-10-0-0-61')).toBe(PASSED_ON);
  });
});

describe('a name of an address', () => {
  const v6 = `0.2.${'0.'.repeat(26)}0.0.d.f.ip6.arpa`;

  test.each([
    ['10.0.0.20', '20.0.0.10.in-addr.arpa', 'web.blue.example'],
    ['fd00::20', v6, 'web.blue.example'],
    ['10.0.0.60', '60.0.0.10.in-addr.ARPA', 'host-10-0-0-60.blue.example'],
    ['10.0.0.40', '40.0.0.10.in-addr.arpa', 'whole.cloud.example'],
  ])('%s is what its guest is told by DHCP', (_, name, expected) => {
    expect(values({ name, type: PTR })).toEqual([expected]);
    expect(reply({ name, type: A })).toMatchObject({ rcode: SUCCESS, answers: [] });
  });

  test.each([
    '21.0.0.10.in-addr.arpa',
    '999.0.0.10.in-addr.arpa',
    '0.0.10.in-addr.arpa',
    'ip6.arpa',
  ])('%s is the server’s to find', (name) => expect(ask({ name, type: PTR })).toBe(PASSED_ON));
});

test.each([
  ['another tenant’s', 'secret'],
  ['another tenant’s in the domain', 'secret.cloud.example'],
  ['another tenant’s address', '99.0.0.10.in-addr.arpa'],
  ['nobody’s', 'nobody.cloud.example'],
  ['the domain itself', 'cloud.example'],
  ['the world’s', 'www.example.com'],
  ['the root', ''],
  ['a label that is none of a host', 'w_b.cloud.example'],
  ['dots inside of labels', Buffer.from('web\u0000cloud').toString()],
])('a name that is %s goes on to the server', (_, name) => {
  expect(ask({ name, type: name.endsWith('arpa') ? PTR : A })).toBe(PASSED_ON);
});

test('a dot inside of a label is no border of labels', () => {
  const head = Buffer.from('123401000001000000000000', 'hex');
  const label = Buffer.concat([Buffer.from([9]), Buffer.from('web.cloud'), nameBytes('example')]);
  const message = Buffer.concat([head, label, Buffer.from([0, A, 0, 1])]);
  expect(answerDns(dnsFrame(message), names)).toBe(PASSED_ON);
});

describe('an answer', () => {
  test('comes from the server that was asked, in the letters that were asked', () => {
    const answer = reply({ name: 'wEb.Cloud.eXample', id: 0xbeef });
    expect(answer).toMatchObject({
      id: 0xbeef,
      asked: 'wEb.Cloud.eXample',
      macs: ['02000000000a', '020000000001'],
      from: '10.0.0.2',
      to: '10.0.0.10',
      ports: [53, 40_000],
    });
    // A response, with authority, of one who would recurse; "recursion desired" is repeated.
    expect(answer.flags).toBe(0x8580);
    expect(answer.answers[0]?.ttl).toBeLessThanOrEqual(30);
  });

  test('byte for byte', () => {
    const frame = ask('web') as Buffer;
    expect(frame.toString('hex', 0, 34)).toBe(
      '02000000000a0200000000010800' + '4500004100000000401166a1' + '0a000002' + '0a00000a',
    );
    expect(frame.toString('hex', 42)).toBe(
      '123485800001000100000000' + '0377656200' + '00010001' + 'c00c000100010000000a00040a000014',
    );
  });

  test('goes over IPv6 as well', () => {
    const answer = reply('web', { source: 'fd00::10', server: '2001:db8::53' });
    expect(answer).toMatchObject({
      from: '20010db8000000000000000000000053',
      to: 'fd000000000000000000000000000010',
      answers: [{ value: '10.0.0.20' }],
    });
  });

  test.each([
    ['to a group', { server: '224.0.0.251' }],
    ['to a group of IPv6', { server: 'ff02::fb', source: 'fd00::10' }],
  ])('is not given to a question %s', (_, ends) => {
    expect(ask('web', ends)).toBe(PASSED_ON);
  });
});

describe('EDNS', () => {
  test('is answered with our size, and DO is repeated', () => {
    const opt = optRecord({ size: 4096, dnssecOk: true });
    expect(reply({ name: 'web', additional: [opt] }).opt).toEqual({ size: 1232, flags: 0x8000 });
    expect(reply({ name: 'web' }).opt).toBeUndefined();
  });

  test('of a later version is told that there is none', () => {
    const answer = reply({ name: 'web', additional: [optRecord({ version: 1 })] });
    // BADVERS is 16: its upper bits lie in the OPT record.
    expect(answer).toMatchObject({ rcode: 0, answers: [], opt: { flags: 0x0100_0000 } });
  });

  test('says how many addresses fit; what does not is left out, and nobody sent to TCP', () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      vm(`m${index}`, 'blue', 'many', [`10.0.1.${index}`]),
    );
    const crowd = namesOf([...RECORDS, ...many]);
    const sizes = [undefined, 100, 900, 65_535].map((size) => {
      const additional = size === undefined ? [] : [optRecord({ size })];
      const message = dnsMessage({ name: 'many', additional });
      const frame = answerDns(dnsFrame(message), crowd) as Buffer;
      const { answers, flags } = readDnsFrame(frame);
      expect(flags & 0x0200).toBe(0);
      return [answers.length, frame.length - 42];
    });
    expect(sizes).toEqual([
      [29, 486],
      [29, 497],
      [54, 897],
      [74, 1217],
    ]);
  });

  test.each([
    ['twice', [optRecord(), optRecord()]],
    ['cut off', [optRecord().subarray(0, 7)]],
  ])('%s is the server’s to refuse', (_, additional) => {
    expect(ask({ name: 'web', additional })).toBe(PASSED_ON);
  });

  test('beside another record is found', () => {
    const record = Buffer.concat([
      nameBytes('key'),
      Buffer.from('00fa00ff00000000000401020304', 'hex'),
    ]);
    const pointing = Buffer.concat([
      Buffer.from([0xc0, 12]),
      record.subarray(nameBytes('key').length),
    ]);
    const additional = [record, pointing, optRecord()];
    expect(reply({ name: 'web', additional }).opt).toBeDefined();
  });
});

describe('where nobody is behind the address that was asked', () => {
  test.each([
    ['a name of a port', 'web', A, SUCCESS],
    ['no name of a port', 'nobody.cloud.example', A, NXDOMAIN],
    ['no name of a port, in the domain of the network', 'nobody.blue.example', A, NXDOMAIN],
    ['a name without a domain', 'nobody', A, NXDOMAIN],
    ['another tenant’s', 'secret.cloud.example', A, NXDOMAIN],
    ['an address that nobody has', '200.0.0.10.in-addr.arpa', PTR, NXDOMAIN],
    ['an address elsewhere', '1.1.1.1.in-addr.arpa', PTR, REFUSED],
    ['the world’s', 'www.example.com', A, REFUSED],
  ])('%s is answered all the same', (_, name, type, rcode) => {
    const answer = reply({ name, type }, RESOLVER);
    expect(answer).toMatchObject({ rcode, from: RESOLVER.server, asked: name });
    expect(answer.macs[1]).toBe('024844000001');
  });

  test('nonsense gets none', () => {
    expect(answerDns(dnsFrame(Buffer.from('nonsense'), RESOLVER), names)).toBe('malformed');
    expect(reply({ name: 'web', class: 3 }, RESOLVER).rcode).toBe(REFUSED);
  });
});

describe('what is no question about a name', () => {
  const good = dnsMessage({ name: 'web' });
  const altered = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good);
    copy.set(bytes, at);
    return copy;
  };

  test.each([
    ['an answer', altered(2, 0x81)],
    ['an update', altered(2, 0x28)],
    ['no question', altered(4, 0, 0)],
    ['two questions', altered(4, 0, 2)],
    ['with answers', altered(6, 0, 1)],
    ['a name that points to itself', altered(12, 0xc0, 12)],
    ['a label of a kind that is not', altered(12, 0x43)],
    ['a name that never ends', good.subarray(0, 16)],
    ['more records than there are', altered(10, 0xff, 0xff)],
    ['of another class', dnsMessage({ name: 'web', class: 3 })],
    ['a name longer than names are', dnsMessage({ name: Array(128).fill('a').join('.') })],
    ['nothing', Buffer.alloc(0)],
  ])('%s goes on', (_, message) => {
    expect(answerDns(dnsFrame(message), names)).toBe(PASSED_ON);
  });

  test('a fragment, an IPv6 packet with more headers, and half a frame go on', () => {
    const fragment = dnsFrame(good);
    fragment.writeUInt16BE(0x2000, 20);
    const headers = dnsFrame(good, { source: 'fd00::1', server: 'fd00::2' });
    headers.writeUInt8(60, 20);
    for (const frame of [fragment, headers, fragment.subarray(0, 30), Buffer.alloc(5)]) {
      expect(answerDns(frame, names)).toBe(PASSED_ON);
    }
  });
});

test('damaged messages are answered or passed on, and never do harm', () => {
  const message = dnsMessage({ name: 'web.cloud.example', additional: [optRecord()] });
  const damaged = fc.tuple(
    fc.array(fc.tuple(fc.nat(message.length - 1), fc.nat(255)), { maxLength: 6 }),
    fc.nat(message.length),
  );
  fc.assert(
    fc.property(damaged, fc.boolean(), ([changes, length], isToUs) => {
      const bytes = Buffer.from(message);
      for (const [at, value] of changes) bytes[at] = value;
      const frame = dnsFrame(bytes.subarray(0, length), isToUs ? RESOLVER : {});
      const answer = answerDns(frame, names);
      if (!Buffer.isBuffer(answer)) {
        expect(answer).toBe(isToUs ? 'malformed' : PASSED_ON);
        return;
      }
      expect(answer.length).toBeLessThanOrEqual(42 + 1232);
      expect(readDnsFrame(answer).id).toBe(bytes.readUInt16BE(0));
    }),
    { numRuns: 3000 },
  );
});
