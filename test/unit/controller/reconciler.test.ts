/**
 * Goal: hosts are told everything that a change touches there, and what cuts connections first.
 * Method: a fleet that notes what it is handed.
 */
import { expect, test } from 'vitest';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
} from '../../../lab/records.ts';
import { Reconciler } from '../../../src/controller/reconciler.ts';
import {
  type AnyRecord,
  type Put,
  type RecordKey,
  type SecurityGroupRule,
  Topology,
} from '../../../src/topology/index.ts';

const WEB = { security_groups: ['web'] };
const FROM_WEB = { remote_group_id: 'web' };
const RECORDS: Readonly<Partial<Record<RecordKey, AnyRecord>>> = {
  'host/h1': host('h1', '198.18.0.1'),
  'host/h2': host('h2', '198.18.0.2'),
  'network/n': network('n', 7),
  'security_group/web': securityGroup('web', 1),
  'security_group_rule/ping': securityGroupRule('ping', 'web', { ...FROM_WEB, protocol: 'icmp' }),
  'port/a': port('a', { network: 'n', mac: '02:00:00:00:00:0a', ips: ['10.0.0.10'] }, WEB),
  'port/b': port('b', { network: 'n', mac: '02:00:00:00:00:0b', ips: ['10.0.0.11'] }, WEB),
  'binding/a': binding('a', 'h1', 1),
  'binding/b': binding('b', 'h2', 1),
};

const CUT = ['security-group/web', 'group-set/web', 'security-group-rule/ping'];
const REMOTES = ['group-member/a', 'group-member/b'];

type Records = Readonly<Partial<Record<RecordKey, AnyRecord>>>;

function topologyOf(more: Records): Topology {
  const topology = new Topology();
  const records = Object.entries({ ...RECORDS, ...more }) as [RecordKey, AnyRecord][];
  topology.load(
    1,
    records.map(([key, value]) => ({ key, value, revision: 1 })),
  );
  return topology;
}

/** What each host is handed, in order, of a change. */
function handedOn(
  change: { puts?: Put[]; deletes?: RecordKey[] },
  more: Records = {},
): [string, string[]][] {
  const topology = topologyOf(more);
  const told: [string, string[]][] = [];
  const reconciler = new Reconciler(
    topology,
    {
      adopt: () => {},
      update: (hostId, _, delta) => void told.push([hostId, [...delta.keys()]]),
      advance: () => {},
      release: () => {},
      units: () => undefined,
    },
    () => {},
  );
  for (const one of topology.list('host')) reconciler.adopt(one, 1n);
  reconciler.change({ revision: 2, at: '2026-01-01T00:00:00Z', puts: [], deletes: [], ...change });
  return told;
}

test('a rule that goes is cut on every host before the remotes that it named are looked at', () => {
  const told = handedOn({ deletes: ['security_group_rule/ping'] });
  expect(told.map(([hostId]) => hostId)).toEqual(['h1', 'h2', 'h1', 'h2']);
  for (const [index, [, keys]] of told.entries()) {
    expect(new Set(keys)).toEqual(new Set(index < 2 ? CUT : REMOTES));
  }
});

test('a rule that goes while another comes is handed on with it, as one', () => {
  const other = securityGroupRule('ssh', 'web', { ...FROM_WEB, protocol: 'tcp' });
  const told = handedOn({
    deletes: ['security_group_rule/ping'],
    puts: [{ key: 'security_group_rule/ssh', value: other }],
  });
  expect(told.map(([hostId]) => hostId)).toEqual(['h1', 'h2']);
});

test('a rule whose number another clause takes over goes with all that named it, as one', () => {
  const [older, younger] = colliding();
  const told = handedOn(
    { deletes: [`security_group_rule/${older.id}`] },
    recordsOf(older, younger),
  );
  expect(told.map(([hostId]) => hostId)).toEqual(['h1', 'h2']);
});

function recordsOf(...rules: SecurityGroupRule[]): Records {
  return Object.fromEntries(rules.map((rule) => [`security_group_rule/${rule.id}`, rule]));
}

/** Two rules, the older first, whose clauses would have one number if each were alone. */
function colliding(): [SecurityGroupRule, SecurityGroupRule] {
  const known = new Map<number, SecurityGroupRule>();
  for (let i = 0; ; i++) {
    const id = `rule-${i}`;
    const rule = securityGroupRule(id, 'web', {
      remote_ip_prefix: `10.${i >> 8}.${i & 0xff}.0/24`,
      created_at: new Date(i).toISOString(),
    });
    const clauses = topologyOf(recordsOf(rule)).clausesOf('web');
    const number = [...clauses.values()].find(({ rules }) => rules[0]?.id === id)?.id ?? 0;
    const other = known.get(number);
    if (other !== undefined) return [other, rule];
    known.set(number, rule);
  }
}
