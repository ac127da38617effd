/**
 * Goal: a trace says what happens to a packet and to its reply, by which rule or for want of which,
 * and shows nobody what is not theirs.
 * Method: a topology of two hosts in memory, no fleet: what switches hold is what the test says.
 */
import { describe, expect, test } from 'vitest';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
  subnet,
} from '../../../../lab/records.ts';
import { topologyOf } from '../../../../lab/topology.ts';
import type { TraceRequest } from '../../../../src/controller/trace/packet.ts';
import { Tracer, type TraceView } from '../../../../src/controller/trace/tracer.ts';
import type { Inspection } from '../../../../src/fleet/index.ts';
import {
  type AnyRecord,
  type RecordKey,
  type SecurityGroup,
  type SecurityGroupRule,
} from '../../../../src/topology/index.ts';

type Rules = Readonly<Record<string, Partial<SecurityGroupRule>>>;

const ADMIN = { userId: 'u', projectId: 'p', isAdmin: true };
const OUT: Rules = { out: { direction: 'egress' } };
const HTTP: Partial<SecurityGroupRule> = {
  protocol: 'tcp',
  port_range_min: 80,
  port_range_max: 80,
};

interface Setting {
  /** Of group web, which port web is in; port db is in group db, which lets everything out. */
  readonly web?: Rules;
  readonly group?: Partial<SecurityGroup>;
  readonly more?: readonly (readonly [RecordKey, AnyRecord])[];
  readonly without?: readonly RecordKey[];
  readonly inspection?: Inspection;
  readonly away?: boolean;
}

function tracer({ web = {}, group, more = [], without = [], ...sight }: Setting = {}): Tracer {
  const at = (last: number) => ({
    network: 'blue',
    mac: `02:00:00:00:00:${last}`,
    ips: [`10.0.0.${last}`, `fd00::${last}`],
  });
  const rules = Object.entries({ ...web }).map(
    ([id, rule]) => [`security_group_rule/${id}`, securityGroupRule(id, 'web', rule)] as const,
  );
  const records = new Map<RecordKey, AnyRecord>([
    ['host/h1', host('h1', '198.18.0.1')],
    ['host/h2', host('h2', '198.18.0.2')],
    ['network/blue', network('blue', 101)],
    ['network/red', network('red', 102)],
    ['subnet/subnet-blue', subnet('subnet-blue', 'blue')],
    ['port/db', port('db', at(11), { security_groups: ['db'] })],
    ['port/web', port('web', at(10), { security_groups: ['web'] })],
    ['port/loose', port('loose', at(12))],
    ['port/red', port('red', { ...at(13), network: 'red' })],
    ['binding/db', binding('db', 'h1', 1)],
    ['binding/web', binding('web', 'h2', 1)],
    ['binding/red', binding('red', 'h2', 2)],
    ['security_group/web', securityGroup('web', 1, group)],
    ['security_group/db', securityGroup('db', 2)],
    ['security_group_rule/db-out', securityGroupRule('db-out', 'db', { direction: 'egress' })],
    ...rules,
    ...more,
  ]);
  for (const key of without) records.delete(key);
  const topology = topologyOf(records);
  return new Tracer(topology, {
    units: () => undefined,
    look: async () => {
      if (sight.away === true) throw new Error('nobody answers');
      return { pending: 0, ...(sight.inspection ?? { tables: [], flows: new Map() }) };
    },
  });
}

const toWeb = { from: 'db', to: 'web', protocol: 'tcp', port: 80 };

async function trace(setting: Setting, request: Partial<TraceRequest> = {}): Promise<TraceView> {
  const view = await tracer(setting).trace({ ...toWeb, ...request }, ADMIN);
  for (const { text } of stepsOf(view, 'request')) expect(text).toMatch(/^[^{}]+$/);
  for (const { text } of stepsOf(view, 'reply')) expect(text).toMatch(/^[^{}]+$/);
  return view;
}

function stepsOf(view: TraceView, way: 'request' | 'reply') {
  return view[way]?.hops.flatMap((hop) => hop.steps) ?? [];
}

/** `TABLE: words`, of all hosts, of the steps that name a rule or drop. */
function turns(view: TraceView, way: 'request' | 'reply'): string[] {
  return stepsOf(view, way)
    .filter(({ rule, outcome }) => rule !== null || outcome === 'dropped')
    .map(({ table, text }) => `${table}: ${text}`);
}

describe('a packet', () => {
  test('between ports that do not hear each other says so', async () => {
    const apart = { isolation: 'isolated' } as const;
    const at = (last: number) => ({
      network: 'blue',
      mac: `02:00:00:00:00:${last}`,
      ips: [`10.0.0.${last}`],
    });
    const more: Setting['more'] = [
      ['port/db', port('db', at(11), { security_groups: ['db'], ...apart })],
      ['port/web', port('web', at(10), { security_groups: ['web'], ...apart })],
    ];
    const view = await trace({ web: { http: HTTP }, more });
    expect(view).toMatchObject({ verdict: 'dropped', advice: 'make one of them promiscuous' });
    expect(view.reason).toContain('do not hear each other');
  });

  test('that rules let through is followed to the port and back, with each rule in words', async () => {
    const view = await trace({ web: { http: HTTP } });
    expect(view).toMatchObject({ verdict: 'allowed', advice: null, packet: expect.any(String) });
    expect(view.packet).toBe('tcp 10.0.0.11:49152 → 10.0.0.10:80');
    const [out, into] = [
      'RuleHits: egress rule db-out of group db: everything of IPv4 to anywhere',
      'RuleHits: ingress rule http of group web: tcp 80 from anywhere',
    ];
    expect(turns(view, 'request')).toEqual([out, into]);
    // Those who answer are asked whether the connection might be opened now.
    expect(turns(view, 'reply')).toEqual([into, out]);
    const ways = view.request?.hops.map(({ host: id, enters, leaves }) => [id, enters, leaves]);
    expect(ways).toEqual([
      ['h1', 'port db', 'tunnel'],
      ['h2', 'tunnel', 'port web'],
    ]);
  });

  test('of subports of trunks goes by the wires of their parents', async () => {
    const onWire = (id: string, hostId: string, vlan: number) =>
      [`binding/${id}`, { ...binding(id, hostId, 32_767), wire: { ofport: 5, vlan } }] as const;
    const more = [onWire('db', 'h1', 11), onWire('web', 'h2', 12)];
    const view = await trace({ web: { http: HTTP }, more });
    expect(view.verdict).toBe('allowed');
    expect(stepsOf(view, 'request').at(-1)?.text).toBe('out to port web');
  });

  test('that no rule lets in is dropped, and the missing rule is told', async () => {
    const view = await trace({});
    expect(view.verdict).toBe('dropped');
    expect(view.reason).toBe(
      'no ingress rule of port web (groups: web) lets tcp 80 in from 10.0.0.11',
    );
    expect(view.advice).toContain(
      '--ingress --ethertype IPv4 --protocol tcp --dst-port 80 --remote-ip 10.0.0.11 web',
    );
    expect(turns(view, 'request').at(-1)).toContain('IngressVerdict: no rule');
    expect(view.reply).toBeNull();
  });

  test('of members of a remote group passes, of others not', async () => {
    const members = { http: { ...HTTP, remote_group_id: 'db' } };
    expect((await trace({ web: members })).verdict).toBe('allowed');
    const strangers = { http: { ...HTTP, remote_group_id: 'web' } };
    expect((await trace({ web: strangers })).verdict).toBe('dropped');
  });

  test('from an address of others is dropped by port security', async () => {
    const view = await trace({ web: { http: HTTP } }, { source: '10.0.0.99' });
    expect(view).toMatchObject({
      verdict: 'dropped',
      reason: /may not send from 10.0.0.99/ as never,
    });
    expect(turns(view, 'request')).toEqual([
      'PortSecurityIp: the port may not send from 10.0.0.99',
    ]);
  });

  test('to an address that nobody has ends where addresses are looked up', async () => {
    const view = await trace({}, { to: '10.0.0.77' });
    expect(view.reason).toBe(
      'no port of network blue has 10.0.0.77, and nothing routes out of it yet',
    );
    expect(turns(view, 'request').at(-1)).toMatch(/^L2Forwarding: no port/);
  });

  test('to another network is not routed', async () => {
    expect((await trace({}, { to: 'red' })).reason).toBe(
      'port red is in network red, and nothing routes between it and network blue yet',
    );
  });

  test('to or from a port that is not plugged in goes nowhere', async () => {
    expect((await trace({}, { to: 'loose' })).reason).toBe(
      'port loose is not plugged in on any host',
    );
    const view = await trace({}, { from: 'loose' });
    expect(view).toMatchObject({ verdict: 'dropped', request: null, switches: [] });
    expect(view.advice).toContain('iface-id=loose');
  });

  test('to an address of an allowed pair goes to the port that has it', async () => {
    const pairs = [{ ip_address: '10.0.0.200', mac_address: '02:00:00:00:00:10' }];
    const at = { network: 'blue', mac: '02:00:00:00:00:10', ips: ['10.0.0.10'] };
    const more = [
      ['port/web', port('web', at, { security_groups: ['web'], allowed_address_pairs: pairs })],
    ] as const;
    const view = await trace({ web: { http: HTTP }, more }, { to: '10.0.0.200' });
    expect(view).toMatchObject({ verdict: 'allowed', to: { port_id: 'web' } });
  });

  test('of IPv6 is asked for by an address or by name', async () => {
    const web = { ping: { ethertype: 'IPv6' as const, protocol: 'ipv6-icmp' } };
    const more = [
      [
        'security_group_rule/db-out',
        securityGroupRule('db-out', 'db', { direction: 'egress', ethertype: 'IPv6' }),
      ],
    ] as const;
    const ping = { protocol: undefined, port: undefined };
    const view = await trace({ web, more }, { ...ping, ethertype: 'IPv6' });
    expect(view).toMatchObject({
      verdict: 'allowed',
      packet: 'ipv6-icmp type 128 code 0 fd00::11 → fd00::10',
    });
    expect((await trace({ web, more }, { ...ping, to: 'fd00::10' })).verdict).toBe('allowed');
  });
});

test('a message that conntrack takes for invalid is not blamed on rules', async () => {
  const view = await trace({}, { protocol: 'icmp', port: undefined, icmpType: 5 });
  expect(view.reason).toMatch(/^it belongs to no connection.*\(EgressConnection\)$/);
  expect(view.advice).not.toContain('rule create');
});

describe('a stateless group', () => {
  const group = { stateful: false };

  test('remembers nothing: its answers need a rule', async () => {
    const view = await trace({ group, web: { http: HTTP } });
    expect(view).toMatchObject({
      verdict: 'reply dropped',
      request: { verdict: 'delivered' },
      reply: { verdict: 'dropped' },
      advice: 'group web is stateless: give it an egress rule for the answers',
    });
  });

  test('of the sender needs a rule for what comes back', async () => {
    const sender = ['security_group/db', securityGroup('db', 2, group)] as const;
    const view = await trace({ web: { http: HTTP }, more: [sender] });
    expect(view).toMatchObject({
      verdict: 'reply dropped',
      advice: 'group db is stateless: give it an ingress rule for the answers',
    });
    expect(view.reason).toMatch(/it belongs to no connection.*\(IngressConnection\)$/);
  });

  test('with a rule for answers lets them out', async () => {
    const view = await trace({ group, web: { http: HTTP, ...OUT } });
    expect(view.verdict).toBe('allowed');
    expect(turns(view, 'reply')[0]).toMatch(/^PacketRuleHits: egress rule out of group web/);
  });
});

describe('the switches', () => {
  test('are told apart: as they should be, different, not seen', async () => {
    const web = { http: HTTP };
    expect((await trace({ web })).switches.map(({ agrees }) => agrees)).toEqual([true, true]);
    const inspection: Inspection = { tables: ['Output'], flows: new Map() };
    expect((await trace({ web, inspection })).switches[0]).toMatchObject({
      agrees: false,
      tables: ['Output'],
    });
    expect((await trace({ web, away: true })).switches[0]).toMatchObject({
      agrees: null,
      text: 'its switch cannot be asked: nobody answers',
    });
  });
});

describe('who asks', () => {
  const stranger = { userId: 'u', projectId: 'tenant-2', isAdmin: false };

  test('sees no host unless operator, and no rule of others', async () => {
    const owner = { userId: 'u', projectId: 'tenant', isAdmin: false };
    const own = await tracer({ web: { http: HTTP } }).trace(toWeb, owner);
    expect(JSON.stringify(own)).not.toMatch(/h1|h2/);
    expect(turns(own, 'request')).toHaveLength(2);
  });

  test('gets nothing of ports that are not theirs to see', async () => {
    await expect(tracer().trace(toWeb, stranger)).rejects.toThrow('Port db could not be found');
  });

  test('learns the verdict alone of a port of others that has the address', async () => {
    const at = { network: 'blue', mac: '02:00:00:00:00:21', ips: ['10.0.0.21'] };
    const guest = port('guest', at, { project_id: 'tenant-2', security_groups: ['db'] });
    const more = [
      ['port/guest', guest],
      ['binding/guest', binding('guest', 'h1', 7)],
    ] as const;
    const pairs = [{ ip_address: '10.0.0.200', mac_address: '02:00:00:00:00:10' }];
    const spot = { network: 'blue', mac: '02:00:00:00:00:10', ips: ['10.0.0.10'] };
    const web = port('web', spot, { security_groups: ['web'], allowed_address_pairs: pairs });
    const asked = { from: 'guest', to: '10.0.0.200', protocol: 'tcp', port: 80 };
    const setting = { web: { http: HTTP }, more: [...more, ['port/web', web] as const] };
    const view = await tracer(setting).trace(asked, stranger);
    expect(view).toMatchObject({ verdict: 'allowed', to: { port_id: null } });
    const refused = await tracer({ ...setting, web: {} }).trace(asked, stranger);
    expect(refused.reason).toMatch(/^no ingress rule of a port of another project/);
    expect(JSON.stringify([view, refused])).not.toMatch(/"?(web|http)"?\b/);
  });
});

test.each<[Partial<TraceRequest>, RegExp]>([
  [{ port: undefined }, /tcp needs a destination port/],
  [{ protocol: 'nonsense' }, /protocol is a name/],
  [{ protocol: '256' }, /protocol is a name/],
  [{ protocol: 'icmp' }, /port and source_port are for/],
  [{ icmpType: 8 }, /icmp_type and icmp_code are for/],
  [{ port: 65_536 }, /port is a number from 1 to 65535/],
  [{ ethertype: 'ARP' }, /ethertype is IPv4 or IPv6/],
  [{ to: '10.0.0.10', ethertype: 'IPv6' }, /to is an IPv4 address/],
  [{ to: '224.0.0.1' }, /of one port, not of many/],
  [{ to: 'db' }, /to is the port that sends/],
  [{ to: 'nothing' }, /Port nothing could not be found/],
  [{ source: 'nonsense' }, /source is an IPv4 address/],
])('%j is refused', async (request, message) => {
  await expect(trace({}, request)).rejects.toThrow(message);
});
