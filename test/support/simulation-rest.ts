/** What is wrong with a simulated region that has come to rest: nothing, if all is as it should be. */
import { compileHost, DesiredState } from '../../src/compiler/index.ts';
import type { GroupState } from '../../src/fleet/changes.ts';
import {
  type Binding,
  type Kind,
  type Port,
  type Status,
  splitKey,
} from '../../src/topology/index.ts';
import { describeFlow } from './fake-switch.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedRedis } from './simulated-redis.ts';

export interface Region {
  readonly redis: SimulatedRedis;
  readonly hosts: readonly SimulatedHost[];
  readonly processes: readonly SimulatedProcess[];
}

export async function problemsOf(region: Region): Promise<string[]> {
  const { hosts, processes } = region;
  const found = [
    ...hosts.flatMap((host) => [...ownership(host, processes), ...differences(host, processes)]),
    ...unbound(region),
    ...inactive(region),
  ];
  for (const process of processes) found.push(...(await unsettled(process, region.redis)));
  return found;
}

/**
 * What a controller's hosts lack of a revision that it says they have; it can be told while there is
 * no later one.
 */
export function untrue(region: Region, process: SimulatedProcess, revision: number): string[] {
  const { topology, fleet } = process;
  if (topology.revision !== revision || region.redis.revision !== revision) return [];
  const ours = region.hosts.filter(({ id }) => fleet.status(id)?.state === 'ready');
  const lacks = ours.flatMap((host) => differences(host, [process]));
  return lacks.map((what) => `${process.id} said that ${revision} is realised: ${what}`);
}

export function portOf({ records }: SimulatedRedis, id: string): Port | undefined {
  return records.get(`port/${id}`)?.value as Port | undefined;
}

function ownership(host: SimulatedHost, processes: Region['processes']): string[] {
  const states = processes.map(({ id, fleet }) => `${id}: ${fleet.status(host.id)?.state}`);
  const owners = states.filter((state) => state.endsWith('ready'));
  return owners.length === 1 ? [] : [`${host.id} is ${states.join(', ')}`];
}

/** Between what a switch holds and what the topology says. */
function differences({ id, switch: held }: SimulatedHost, processes: Region['processes']) {
  const desired = desiredOf(id, processes);
  const flows = desired.tables().flatMap((table) => desired.flowsOf(table));
  const wanted = [...flows, ...desired.markers()].map(describeFlow);
  const groups = [...desired.groups()].map(textOf);
  const heldGroups = [...held.groups.values()].map(textOf);
  const [meters, heldMeters] = [metersOf(desired.meters()), metersOf(held.meters.values())];
  return [
    ...without(wanted, held.contents()).map((flow) => `${id} lacks ${flow}`),
    ...without(held.contents(), wanted).map((flow) => `${id} has ${flow}`),
    ...without(groups, heldGroups).map((group) => `${id} lacks ${group}`),
    ...without(heldGroups, groups).map((group) => `${id} has ${group}`),
    ...without(meters, heldMeters).map((meter) => `${id} lacks meter ${meter}`),
    ...without(heldMeters, meters).map((meter) => `${id} has meter ${meter}`),
  ];
}

/** From scratch. */
function desiredOf(hostId: string, [process]: Region['processes']): DesiredState {
  const desired = new DesiredState();
  if (process !== undefined) desired.apply(compileHost(process.topology, hostId));
  return desired;
}

function metersOf(meters: Iterable<{ readonly meterId: number }>): number[] {
  return [...meters].map(({ meterId }) => meterId);
}

function without<T>(some: readonly T[], others: readonly T[]): T[] {
  return some.filter((one) => !others.includes(one));
}

function textOf({ groupId, buckets }: GroupState): string {
  return `group ${groupId}: ${buckets.map((bucket) => bucket.toString('hex')).join(' ')}`;
}

async function unsettled(process: SimulatedProcess, redis: SimulatedRedis): Promise<string[]> {
  const { id, topology, store, controller } = process;
  const { signal } = new AbortController();
  const { realized, lagging } = await controller.waitRealized(redis.revision, 0, signal);
  return [
    ...(topology.revision === redis.revision ? [] : [`${id} is at ${topology.revision}`]),
    ...(store.commitsUnderWay === 0 ? [] : [`${id} waits for commits`]),
    ...process.errors.map((error) => `${id} logged: ${error}`),
    ...(process.waits.size === 0 ? [] : [`${id} has ${process.waits.size} callers that wait`]),
    ...(realized ? [] : [`${id} waits for ${lagging.join(', ')}`]),
  ];
}

/** Ports that are plugged into one host, which is theirs, and are not bound there. */
function unbound({ redis, hosts }: Region): string[] {
  return idsOf(redis, 'port').flatMap((id) => {
    const meant = portOf(redis, id)?.['binding:host_id'] ?? '';
    const [host, ...others] = hosts.filter(({ plugged }) => plugged.has(id));
    if (host === undefined || others.length > 0 || !['', host.id].includes(meant)) return [];
    const binding = redis.records.get(`binding/${id}`)?.value as Binding | undefined;
    // A subport is where its parent is.
    if (binding?.wire !== undefined) return [];
    const isThere = binding?.host_id === host.id && binding.ofport === host.plugged.get(id);
    return isThere ? [] : [`${id} is not bound to ${host.id}`];
  });
}

/** Ports that are up and bound, and are not said to be ACTIVE. */
function inactive({ redis }: Region): string[] {
  return idsOf(redis, 'binding').flatMap((id) => {
    if (portOf(redis, id)?.admin_state_up !== true) return [];
    const status = redis.records.get(`status/${id}`)?.value as Status | undefined;
    return status?.active === true ? [] : [`${id} is not active`];
  });
}

function idsOf({ records }: SimulatedRedis, of: Kind): string[] {
  return [...records.keys()].flatMap((key) => {
    const { kind, id } = splitKey(key);
    return kind === of ? [id] : [];
  });
}
