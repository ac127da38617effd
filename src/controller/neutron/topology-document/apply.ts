/**
 * Applies a document: takes away what stands in the way, makes and changes what it names in the
 * order in which resources depend on each other, and takes away at last what others used before.
 */
import {
  badRequest,
  type Network,
  type Port,
  type Router,
  type SecurityGroup,
  type Subnet,
} from '../../../topology/index.ts';
import type {
  Attributes,
  Entry,
  GroupEntry,
  NetworkEntry,
  RouterEntry,
  TopologyDocument,
} from './document.ts';
import { type Existing, existingOf } from './existing.ts';
import { addInterfaces, keepRoutes, removeInterfaces } from './interfaces.ts';
import { type Matched, match } from './match.ts';
import { isUsable } from './names.ts';
import { applyRules } from './rules.ts';
import { type DocumentKind, requestOf } from './words.ts';
import type { Worksheet } from './worksheet.ts';

interface Matches {
  readonly networks: Matched<NetworkEntry, Network>;
  /** Of networks that are there, by their ids. */
  readonly subnets: ReadonlyMap<string, Matched<Entry, Subnet>>;
  readonly groups: Matched<GroupEntry, SecurityGroup>;
  readonly routers: Matched<RouterEntry, Router>;
  readonly ports: Matched<Entry, Port>;
}

export function applyDocument(sheet: Worksheet, document: TopologyDocument): void {
  if (meansDefaultGroup(document)) sheet.makeDefaultGroup();
  const existing = existingOf(sheet.draft.topology, sheet.projectId, (kind, id) =>
    sheet.isVisible(kind, id),
  );
  const matches = matchAll(document, existing);
  nameKept(sheet, existing, matches);
  removePorts(sheet, matches.ports.doomed);
  clearRouters(sheet, matches.routers);
  removeUnused(sheet, matches, 'first');
  applyNetworks(sheet, matches);
  applyGroups(sheet, matches.groups);
  applyPorts(sheet, matches.ports);
  applyRouters(sheet, matches.routers);
  removeUnused(sheet, matches, 'last');
}

/** A group that a project has as soon as anybody could miss it. */
function meansDefaultGroup({
  security_groups: groups = [],
  ports = [],
}: TopologyDocument): boolean {
  const named = [
    ...groups.flatMap(({ name, rules = [] }) => [
      name,
      ...rules.map((rule) => rule['remote_group']),
    ]),
    ...ports.flatMap(({ attributes }) => attributes['security_groups']),
  ];
  return named.includes('default');
}

function matchAll(document: TopologyDocument, existing: Existing): Matches {
  const networks = match('network', document.networks, existing.networks);
  const subnets = new Map<string, Matched<Entry, Subnet>>();
  for (const [entry, network] of networks.pairs) {
    if (network === undefined) continue;
    subnets.set(network.id, match('subnet', entry.subnets, existing.subnets.get(network.id) ?? []));
  }
  const groups = match('security group', document.security_groups, existing.groups);
  return {
    networks,
    subnets,
    // A project is never without its default group.
    groups: { ...groups, doomed: groups.doomed.filter(({ is_default }) => !is_default) },
    routers: match('router', document.routers, existing.routers),
    ports: match('port', document.ports, existing.ports),
  };
}

/** What stays can be referred to, and nothing that goes. */
function nameKept(sheet: Worksheet, existing: Existing, matches: Matches): void {
  const { names } = sheet;
  const doomed = new Set(
    [
      ...matches.networks.doomed,
      ...matches.groups.doomed,
      ...[...matches.subnets.values()].flatMap((subnets) => subnets.doomed),
    ].map(({ id }) => id),
  );
  for (const network of existing.networks) {
    if (doomed.has(network.id)) continue;
    names.add('network', network.id, [network.name]);
    for (const subnet of existing.subnets.get(network.id) ?? []) {
      if (!doomed.has(subnet.id)) names.addSubnet(subnet, network);
    }
  }
  for (const { id, name } of existing.groups) {
    if (!doomed.has(id)) names.add('security_group', id, [name]);
  }
}

function removePorts(sheet: Worksheet, ports: readonly Port[]): void {
  for (const port of ports) sheet.remove({ kind: 'port', name: port.name || port.id }, port);
}

/** Routers leave the subnets that the document does not say they are in. */
function clearRouters(sheet: Worksheet, { pairs, doomed }: Matched<RouterEntry, Router>): void {
  for (const router of doomed) {
    keepRoutes(sheet, router, { routes: [] });
    removeInterfaces(sheet, router, new Set());
    sheet.remove({ kind: 'router', name: router.name || router.id }, router);
  }
  for (const [{ interfaces, attributes }, router] of pairs) {
    if (router === undefined) continue;
    keepRoutes(sheet, router, attributes);
    if (interfaces === undefined) continue;
    const kept = interfaces.map((subnet) => sheet.names.find('subnet', subnet));
    removeInterfaces(sheet, router, new Set(kept));
  }
}

/** What is in use at first may be free at last; what is free at first makes room for the new. */
function removeUnused(sheet: Worksheet, matches: Matches, when: 'first' | 'last'): void {
  const { topology } = sheet.draft;
  const subnets = [...matches.subnets.values()].flatMap(({ doomed }) => doomed);
  const isDue = (kind: DocumentKind, { id }: { readonly id: string }, users: number): boolean =>
    topology.get(kind, id) !== undefined && (when === 'last' || users === 0);
  for (const subnet of subnets) {
    if (!isDue('subnet', subnet, topology.addressesOfSubnet(subnet.id).size)) continue;
    const { name, id, network_id: network } = subnet;
    const within = sheet.labels.label('network', network);
    sheet.remove({ kind: 'subnet', name: `${within}/${name || id}` }, subnet);
  }
  for (const network of matches.networks.doomed) {
    if (!isDue('network', network, topology.members('portsOfNetwork', network.id).size)) continue;
    sheet.remove({ kind: 'network', name: network.name || network.id }, network);
  }
  for (const group of matches.groups.doomed) {
    if (!isDue('security_group', group, topology.members('portsOfGroup', group.id).size)) continue;
    sheet.remove({ kind: 'security_group', name: group.name || group.id }, group);
  }
}

function applyNetworks(sheet: Worksheet, { networks, subnets }: Matches): void {
  for (const [entry, network] of networks.pairs) {
    const subject = { kind: 'network', name: entry.name } as const;
    const id = network?.id ?? sheet.create(subject, named(entry, entry.attributes));
    if (network === undefined) sheet.names.add('network', id, [entry.name]);
    else sheet.update(subject, network, entry.attributes, entry.attributes);
    const pairs = subnets.get(id)?.pairs ?? (entry.subnets ?? []).map(unmatched);
    for (const [subnet, record] of pairs) {
      applySubnet(sheet, subnet, record, { id, name: network?.name ?? entry.name });
    }
  }
}

function applySubnet(
  sheet: Worksheet,
  entry: Entry,
  record: Subnet | undefined,
  network: { readonly id: string; readonly name: string },
): void {
  const { name, attributes } = entry;
  const subject = { kind: 'subnet', name: `${network.name || network.id}/${name}` } as const;
  if (record !== undefined) return sheet.update(subject, record, attributes, attributes);
  const id = sheet.create(subject, named(entry, { ...attributes, network_id: network.id }));
  sheet.names.addSubnet({ id, name }, network);
}

function unmatched(entry: Entry): readonly [Entry, undefined] {
  return [entry, undefined];
}

/** What looks like an id means a resource that is there, or nothing. */
function named(entry: Entry, body: Attributes): Attributes {
  if (isUsable(entry.name)) return { ...body, name: entry.name };
  throw badRequest(`'${entry.name}' is the id of nothing here`);
}

/** Rules may let in what comes from any of the groups, so all groups come first. */
function applyGroups(sheet: Worksheet, { pairs }: Matched<GroupEntry, SecurityGroup>): void {
  const ids = pairs.map(([entry, group]) => {
    const { name, attributes } = entry;
    const subject = { kind: 'security_group', name } as const;
    if (group !== undefined) sheet.update(subject, group, attributes, attributes);
    const id = group?.id ?? sheet.create(subject, named(entry, attributes));
    if (group === undefined) sheet.names.add('security_group', id, [name]);
    return id;
  });
  for (const [at, [{ name, rules }]] of pairs.entries()) {
    if (rules !== undefined) applyRules(sheet, name, ids[at] ?? '', rules);
  }
}

/** Changes first: they may free what new ports want. */
function applyPorts(sheet: Worksheet, { pairs }: Matched<Entry, Port>): void {
  for (const [{ name, attributes }, port] of pairs) {
    if (port === undefined) continue;
    const subject = { kind: 'port', name } as const;
    const body = sheet.about(subject, () => portBody(sheet, attributes, port));
    sheet.update(subject, port, body, attributes);
  }
  for (const [entry, port] of pairs) {
    if (port !== undefined) continue;
    const subject = { kind: 'port', name: entry.name } as const;
    sheet.about(subject, () => named(entry, {}));
    const body = sheet.about(subject, () => requestOf('port', entry.attributes, sheet.names));
    sheet.create(subject, named(entry, body));
  }
}

/** Subnets are looked for in the network that the port is in, whether the document names it. */
function portBody({ names }: Worksheet, attributes: Attributes, port: Port): Attributes {
  if (attributes['network'] !== undefined) return requestOf('port', attributes, names);
  const { network_id: _, ...body } = requestOf(
    'port',
    { ...attributes, network: port.network_id },
    names,
  );
  return body;
}

function applyRouters(sheet: Worksheet, { pairs }: Matched<RouterEntry, Router>): void {
  for (const [entry, router] of pairs) {
    const { name, attributes, interfaces = [] } = entry;
    const subject = { kind: 'router', name } as const;
    const body = sheet.about(subject, () => requestOf('router', attributes, sheet.names));
    const { routes, ...plain } = body;
    if (router !== undefined) sheet.update(subject, router, plain, attributes);
    const id = router?.id ?? sheet.create(subject, named(entry, plain));
    addInterfaces(sheet, { id, name }, interfaces);
    if (routes === undefined) continue;
    if (router === undefined) sheet.complete(subject, id, { routes });
    else sheet.update(subject, router, { routes }, attributes);
  }
}
