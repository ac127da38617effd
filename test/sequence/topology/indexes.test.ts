/**
 * Goal: whatever changes come, in whatever order, and whatever a record refers to exists or not, the
 * indexes are those of a replica built from scratch, and say what the records say.
 * Method: random change sequences over few identities, so that things collide; after each change every
 * index is compared with brute force over the records, and with a replica loaded from a snapshot.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  binding,
  host,
  network,
  port,
  securityGroup,
  securityGroupRule,
  status,
  subnet,
} from '../../../lab/records.ts';
import { type Row, topologyOf } from '../../../lab/topology.ts';
import { defined } from '../../../src/lib/assert.ts';
import {
  type Change,
  claimsOf,
  hasNames,
  identify,
  KINDS,
  nameInNetwork,
  type Put,
  parseAddress,
  type RecordKey,
  recordKey,
  ruleClaim,
  splitKey,
  Tables,
  Topology,
} from '../../../src/topology/index.ts';

const IDS = ['1', '2', '3'];
const ADDRESSES = ['10.0.0.1', '10.0.0.2', '2001:db8::1'];
const PORTS = ['1', '2', '3', '4', '5'];
const id = fc.constantFrom(...IDS);
const portId = fc.constantFrom(...PORTS);
const flag = fc.boolean();

const networkPut = fc
  .record({ id, vni: fc.integer({ min: 1, max: 3 }), up: flag })
  .map(
    (n): Put => ({ key: `network/${n.id}`, value: network(n.id, n.vni, { admin_state_up: n.up }) }),
  );
const subnetPut = fc
  .record({ id, at: id })
  .map((s): Put => ({ key: `subnet/${s.id}`, value: subnet(s.id, s.at) }));
const fixedIp = fc.record({
  subnet_id: id,
  ip_address: fc.constantFrom(...ADDRESSES),
});
const portPut = fc
  .record({
    id: portId,
    at: id,
    mac: fc.constantFrom('fa:16:3e:00:00:01', 'fa:16:3e:00:00:02'),
    up: flag,
    device_id: fc.constantFrom('', 'vm1', 'vm2'),
    dns_name: fc.constantFrom('', '', 'web', 'db'),
    security_groups: fc.subarray(IDS),
    fixed_ips: fc.uniqueArray(fixedIp, { maxLength: 2, selector: (f) => JSON.stringify(f) }),
  })
  .map(
    ({ id: name, at, mac, up, ...rest }): Put => ({
      key: `port/${name}`,
      value: port(name, { network: at, mac, ips: [] }, { admin_state_up: up, ...rest }),
    }),
  );
const groupPut = fc.record({ id, project_id: id, is_default: flag }).map(
  ({ id: name, ...rest }): Put => ({
    key: `security_group/${name}`,
    value: securityGroup(name, 1, rest),
  }),
);
const rulePut = fc
  .record({
    id: portId,
    group: id,
    remote_group_id: fc.option(id),
    remote_address_group_id: fc.option(id),
    protocol: fc.constantFrom(null, 'tcp', '6'),
  })
  .map(
    ({ id: name, group, ...rest }): Put => ({
      key: `security_group_rule/${name}`,
      value: securityGroupRule(name, group, rest),
    }),
  );
const hostPut = id.map((name): Put => ({ key: `host/${name}`, value: host(name, '198.18.0.1') }));
const bindingPut = fc
  .record({ port: portId, host: id, move: fc.option(fc.record({ host: id, arrives: flag })) })
  .map(({ port, host, move }): Put => {
    const value = binding(port, host, 1);
    if (move === null || move.host === host) return { key: `binding/${port}`, value };
    const other = { host_id: move.host, ofport: 2, interface_name: 'tap' };
    const state = move.arrives ? 'arriving' : 'left';
    return { key: `binding/${port}`, value: { ...value, move: { ...other, state } } };
  });
const statusPut = fc
  .record({ port: portId, host: id, active: flag })
  .map((s): Put => ({ key: `status/${s.port}`, value: status(s.port, s.host, s.active) }));

const put = fc.oneof(
  { weight: 2, arbitrary: networkPut },
  { weight: 1, arbitrary: subnetPut },
  { weight: 6, arbitrary: portPut },
  { weight: 1, arbitrary: groupPut },
  { weight: 3, arbitrary: rulePut },
  { weight: 1, arbitrary: hostPut },
  { weight: 5, arbitrary: bindingPut },
  { weight: 1, arbitrary: statusPut },
);
const deletion = fc
  .tuple(fc.constantFrom(...KINDS), portId)
  .map(([kind, name]): RecordKey => recordKey(kind, name));
const step = fc
  .record({
    puts: fc.uniqueArray(put, { maxLength: 4, selector: ({ key }) => key }),
    deletes: fc.uniqueArray(deletion, { maxLength: 2 }),
  })
  .map(({ puts, deletes }) => ({
    puts,
    deletes: deletes.filter((key) => puts.every((other) => other.key !== key)),
  }));

/** With the revision of the commit that wrote it last. */
type Records = Map<RecordKey, Put & { readonly revision: number }>;
const values = <T>(records: Records, kind: string): T[] =>
  [...records.values()]
    .filter(({ key }) => splitKey(key).kind === kind)
    .map(({ value }) => value as T);

type PortRecord = ReturnType<typeof port>;
type NetworkRecord = ReturnType<typeof network>;
type BindingRecord = ReturnType<typeof binding>;

/** The ports that each host carries a network for, straight from the definition. */
function carried(records: Records): Map<string, Set<string>> {
  const ports = new Map(values<PortRecord>(records, 'port').map((p) => [p.id, p]));
  const up = new Set(
    values<NetworkRecord>(records, 'network')
      .filter((n) => n.admin_state_up)
      .map((n) => n.id),
  );
  const places = new Map<string, Set<string>>();
  for (const { port_id, host_id, move } of values<BindingRecord>(records, 'binding')) {
    const bound = ports.get(port_id);
    if (bound?.admin_state_up !== true || !up.has(bound.network_id)) continue;
    for (const host of [host_id, ...(move?.state === 'arriving' ? [move.host_id] : [])]) {
      const place = `${bound.network_id} ${host}`;
      places.set(place, (places.get(place) ?? new Set()).add(port_id));
    }
  }
  return places;
}

function checkIndexes(topology: Topology, records: Records): void {
  const pairs = IDS.flatMap((n) => [...topology.hostsOfNetwork(n)].map((h) => `${n} ${h}`));
  const reverse = IDS.flatMap((h) => [...topology.networksOfHost(h)].map((n) => `${n} ${h}`));
  const places = carried(records);
  expect(new Set(pairs)).toEqual(new Set(places.keys()));
  expect(new Set(reverse)).toEqual(new Set(places.keys()));
  for (const n of IDS) {
    for (const h of IDS) {
      expect(topology.localPorts(n, h)).toEqual(places.get(`${n} ${h}`) ?? new Set());
    }
  }
  const ports = values<PortRecord>(records, 'port');
  for (const name of IDS) {
    const inNetwork = ports.filter((p) => p.network_id === name);
    expect(new Map(topology.members('portsOfNetwork', name))).toEqual(
      new Map(inNetwork.map((p) => [p.id, p])),
    );
    const subnets = values<{ id: string; network_id: string }>(records, 'subnet');
    expect(new Set(topology.members('subnetsOfNetwork', name).keys())).toEqual(
      new Set(subnets.filter((s) => s.network_id === name).map((s) => s.id)),
    );
    const bound = values<BindingRecord>(records, 'binding').filter(
      (b) => b.host_id === name || b.move?.host_id === name,
    );
    expect(new Set(topology.members('bindingsOfHost', name).values())).toEqual(new Set(bound));
    checkAddresses(topology, ports, name);
    checkGroups(topology, records, name);
    checkNames(topology, inNetwork, name);
  }
  for (const device of ['vm1', 'vm2']) {
    expect(new Set(topology.members('portsOfDevice', device).keys())).toEqual(
      new Set(ports.filter((p) => p.device_id === device).map((p) => p.id)),
    );
  }
  expect(topology.members('portsOfDevice', '').size).toBe(0);
}

function checkNames(topology: Topology, ports: readonly PortRecord[], networkId: string): void {
  expect(hasNames(topology, networkId)).toBe(ports.some(({ dns_name }) => dns_name !== ''));
  for (const name of ['', 'web', 'db']) {
    const key = nameInNetwork({ network_id: networkId, dns_name: name });
    const found = name === '' ? [] : ports.filter(({ dns_name }) => dns_name === name);
    expect(new Set(topology.members('portsByName', key).values())).toEqual(new Set(found));
  }
}

function checkGroups(topology: Topology, records: Records, name: string): void {
  const idsOf = (of: readonly { readonly id: string }[]) => new Set(of.map((item) => item.id));
  const ports = values<PortRecord>(records, 'port');
  const groups = values<ReturnType<typeof securityGroup>>(records, 'security_group');
  const rules = values<ReturnType<typeof securityGroupRule>>(records, 'security_group_rule');
  const members = (index: Parameters<Topology['members']>[0], group: string) =>
    new Set(topology.members(index, group).keys());
  expect(members('portsOfGroup', name)).toEqual(
    idsOf(ports.filter((p) => p.security_groups.includes(name))),
  );
  expect(members('defaultGroupOfProject', name)).toEqual(
    idsOf(groups.filter((g) => g.is_default && g.project_id === name)),
  );
  expect(members('rulesOfGroup', name)).toEqual(
    idsOf(rules.filter((r) => r.security_group_id === name)),
  );
  expect(members('rulesToGroup', name)).toEqual(
    idsOf(rules.filter((r) => r.remote_group_id === name)),
  );
  expect(members('rulesToAddressGroup', name)).toEqual(
    idsOf(rules.filter((r) => r.remote_address_group_id === name)),
  );
  for (const rule of rules) {
    expect(members('sameRules', ruleClaim(rule))).toEqual(
      idsOf(rules.filter((other) => ruleClaim(other) === ruleClaim(rule))),
    );
  }
}

function checkAddresses(topology: Topology, ports: PortRecord[], subnetId: string): void {
  const owners = ports.flatMap((p) =>
    p.fixed_ips
      .filter((fixed) => fixed.subnet_id === subnetId)
      .map((fixed) => [parseAddress(fixed.ip_address), p.id] as const),
  );
  expect(new Map(topology.addressesOfSubnet(subnetId))).toEqual(new Map(owners));
  const sorted = topology.sortedAddresses(subnetId);
  for (const value of ADDRESSES.map((text) => defined(parseAddress(text), text))) {
    const count = owners.filter(([address]) => address === value).length;
    expect(sorted.countIn({ first: value, last: value })).toBe(count);
  }
  for (const p of ports) expect(topology.portByMac(p.network_id, p.mac_address)).toBe(p);
}

/** Two ports never have one address or MAC address: the claims of their commits see to that. */
function isUnique(records: Records): boolean {
  const claims = values<PortRecord>(records, 'port').flatMap((p) => claimsOf('port', p));
  return new Set(claims).size === claims.length;
}

/** The records after a change, when the store would let it pass. */
function after(records: Records, change: Omit<Change, 'at'>): Records | undefined {
  const result = new Map(records);
  for (const key of change.deletes) result.delete(key);
  for (const written of change.puts) {
    result.set(written.key, { ...written, revision: change.revision });
  }
  return isUnique(result) ? result : undefined;
}

/** The state of everything a reader can ask, for comparing two replicas. */
function everything(topology: Topology): unknown {
  return {
    records: KINDS.map((kind) => new Set(topology.list(kind))),
    counts: KINDS.map((kind) => topology.count(kind)),
    hosts: IDS.map((n) => new Set(topology.hostsOfNetwork(n))),
    networks: IDS.map((h) => new Set(topology.networksOfHost(h))),
    ports: IDS.map((n) => new Set(topology.members('portsOfNetwork', n).keys())),
    subnets: IDS.map((n) => new Set(topology.members('subnetsOfNetwork', n).keys())),
    bindings: IDS.map((h) => new Set(topology.members('bindingsOfHost', h).keys())),
    addressCounts: IDS.map((s) => topology.addressesOfSubnet(s).size),
    vnis: [1, 2, 3].map((vni) => topology.networkByVni(vni)?.id),
    clauses: IDS.map((g) => topology.clausesOf(g)),
    loads: IDS.map((h) => topology.hostLoads.of(h)),
  };
}

function snapshotOf(records: Records): Tables {
  const tables = new Tables();
  for (const { key, value, revision } of records.values()) {
    tables.put(identify(key, value), value, revision);
  }
  return tables;
}

test('after every change the indexes are those of a replica built from scratch', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const topology = new Topology();
      let records: Records = new Map();
      for (const wanted of steps) {
        const change = { revision: topology.revision + 1, ...wanted };
        const next = after(records, change);
        if (next === undefined) continue;
        records = next;
        topology.apply({ at: '', ...change });
        checkIndexes(topology, records);
      }
      const fresh = new Topology();
      fresh.load(topology.revision, snapshotOf(records));
      checkIndexes(fresh, records);
      for (const { key, revision } of records.values()) {
        expect([topology.modRevision(key), fresh.modRevision(key)]).toEqual([revision, revision]);
      }
    }),
    { numRuns: 300 },
  );
});

test('the same records in every order give the same replica', () => {
  const records: Put[] = [
    { key: 'network/1', value: network('1', 1) },
    {
      key: 'port/1',
      value: port('1', { network: '1', mac: 'fa:16:3e:00:00:01', ips: ['10.0.0.1'] }),
    },
    { key: 'binding/1', value: binding('1', '1', 7) },
    { key: 'host/1', value: host('1', '198.18.0.1') },
    { key: 'status/1', value: status('1', '1', true) },
  ];
  const expected = new Topology();
  expected.apply({ revision: 1, at: '', puts: records, deletes: [] });
  fc.assert(
    fc.property(fc.shuffledSubarray(records, { minLength: 5 }), fc.boolean(), (order, isSplit) => {
      const topology = new Topology();
      const groups = isSplit ? order.map((record) => [record]) : [order];
      groups.forEach((puts, i) => topology.apply({ revision: i + 1, at: '', puts, deletes: [] }));
      expect(everything(topology)).toEqual(everything(expected));
    }),
  );
});

test('a replica that is loaded again forgets everything it had', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 20 }),
      fc.array(put, { maxLength: 10 }),
      (steps, puts) => {
        const topology = new Topology();
        steps.forEach((change, i) => topology.apply({ revision: i + 1, at: '', ...change }));
        // What nobody has asked for is not kept.
        everything(topology);
        const records = new Map(puts.map((p) => [p.key, { ...p, revision: 50 }]));
        topology.load(50, snapshotOf(records));
        const fresh = new Topology();
        fresh.load(50, snapshotOf(records));
        expect(everything(topology)).toEqual(everything(fresh));
        expect(topology.revision).toBe(50);
      },
    ),
  );
});

test('a port costs the same in a network of 50 as in one of 50,000', () => {
  const many = (networkId: string, count: number): Row[] =>
    Array.from({ length: count }, (_, i) => {
      const name = `${networkId}-${i}`;
      return [`port/${name}`, port(name, { network: networkId, mac: `mac-${i}`, ips: [] })];
    });
  const topology = topologyOf([...many('small', 50), ...many('large', 50_000)]);
  everything(topology);
  let revision = 1;
  const timeOf = (networkId: string): number => {
    const started = performance.now();
    for (let i = 0; i < 2000; i++) {
      const value = port('new', {
        network: networkId,
        mac: 'mac-new',
        ips: [`10.0.${i >> 8}.${i & 255}`],
      });
      topology.apply({
        revision: ++revision,
        at: '',
        puts: [{ key: 'port/new', value }],
        deletes: [],
      });
    }
    return performance.now() - started;
  };
  timeOf('small');
  const [small, large] = [timeOf('small'), timeOf('large')];
  // Linear cost would make it a thousand times as long; a busy machine makes it some times as long.
  expect(large).toBeLessThan(20 * small);
});

test('a change that does not follow the last one is a bug of ours', () => {
  const topology = new Topology();
  topology.apply({ revision: 1, at: '', puts: [], deletes: [] });
  expect(() => topology.apply({ revision: 3, at: '', puts: [], deletes: [] })).toThrow('change 3');
  expect(() => topology.apply({ revision: 1, at: '', puts: [], deletes: [] })).toThrow('change 1');
});
