/**
 * Trunks. A trunk owns its parent port and its subports by claims, so that no port is of two, and
 * holds them by references, so that none goes before the trunk does.
 */
import {
  checkEnabled,
  extendedTrunk,
  freshTrunk,
  type Intent,
  type Port,
  readSubportBody,
  reducedTrunk,
  subportRecord,
  TRUNK_ATTRIBUTES,
  type Trunk,
  trunkPortClaim,
  updatedTrunk,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import { portNotFound, trunkNotFound } from './errors.ts';
import { union } from './narrow.ts';
import { isAllowed } from './policy.ts';
import type { ResourceType, View, Viewer } from './resource-type.ts';

export const TRUNKS: ResourceType<'trunk', typeof TRUNK_ATTRIBUTES> = {
  kind: 'trunk',
  singular: 'trunk',
  plural: 'trunks',
  attributes: TRUNK_ATTRIBUTES,
  quota: 'trunk',
  notFound: trunkNotFound,

  derive,

  create: (draft, given) => {
    const trunk = freshTrunk(given, draft.birth(), contextOf(draft));
    nameClaims(draft, trunk);
    markSubports(draft, undefined, trunk);
    return trunk;
  },

  update: (draft, before, given) => updatedTrunk(before, given, draft.at),

  remove: (draft, trunk) => {
    checkEnabled(trunk);
    draft.delete('trunk', trunk.id);
    markSubports(draft, trunk, undefined);
  },

  actions: {
    add_subports: (draft, trunk, body) => {
      const after = extendedTrunk(trunk, readSubportBody(body), draft.at, contextOf(draft));
      nameClaims(draft, after);
      return change(draft, trunk, after);
    },
    remove_subports: (draft, trunk, body) => {
      checkEnabled(trunk);
      return change(draft, trunk, reducedTrunk(trunk, readSubportBody(body), draft.at));
    },
  },

  views: {
    get_subports: ({ sub_ports }) => ({ sub_ports }),
  },

  narrow: (filters, topology) =>
    union(filters.get('port_id'), (id) => topology.members('trunksOfParent', id).values()),
};

function derive(trunk: Trunk, { topology }: Pick<Viewer, 'topology'>): View {
  return { tenant_id: trunk.project_id, status: trunkStatus(trunk, topology) };
}

/** An action answers with the trunk itself, under no name. */
function change(draft: Draft, before: Trunk, after: Trunk): () => View {
  draft.put('trunk', after.id, after);
  markSubports(draft, before, after);
  return () => ({ ...after, ...derive(after, draft) });
}

/**
 * Whether the subports that are up are connected. DOWN: their parent is not. BUILD: none of them
 * yet. DEGRADED: some of them, and the others are on their way or too much for the host.
 */
function trunkStatus(trunk: Trunk, topology: Intent): 'ACTIVE' | 'BUILD' | 'DEGRADED' | 'DOWN' {
  const isActive = (id: string) => topology.get('status', id)?.active === true;
  if (!isActive(trunk.port_id)) return 'DOWN';
  const wanted = trunk.sub_ports.filter(
    ({ port_id }) => topology.get('port', port_id)?.admin_state_up === true,
  );
  const connected = wanted.filter(({ port_id }) => isActive(port_id)).length;
  if (connected === wanted.length) return 'ACTIVE';
  return connected === 0 ? 'BUILD' : 'DEGRADED';
}

function contextOf({ topology, requester }: Draft) {
  const findPort = (id: string): Port => {
    const port = topology.get('port', id);
    if (port === undefined || !isAllowed('get_port', requester, port, topology)) {
      throw portNotFound(id);
    }
    return port;
  };
  return { topology, findPort };
}

/** Whose the ports are is for the client to know: there are no others to choose. */
function nameClaims(draft: Draft, { port_id, sub_ports }: Trunk): void {
  draft.name([port_id, ...sub_ports.map((subport) => subport.port_id)].map(trunkPortClaim));
}

/**
 * Says of ports that they became subports, or are none any more: these are nowhere from this commit
 * on. Where the others are is for whoever binds ports to say.
 */
function markSubports(draft: Draft, before: Trunk | undefined, after: Trunk | undefined): void {
  const [had, has] = [idsOf(before), idsOf(after)];
  for (const id of has) if (!had.has(id)) mark(draft, id, true);
  for (const id of had) if (!has.has(id)) mark(draft, id, false);
}

function idsOf(trunk: Trunk | undefined): ReadonlySet<string> {
  return new Set(trunk?.sub_ports.map(({ port_id }) => port_id));
}

function mark(draft: Draft, portId: string, isSubport: boolean): void {
  const port = draft.topology.get('port', portId);
  if (port !== undefined) draft.put('port', portId, subportRecord(port, isSubport, draft.at));
  if (isSubport) return;
  draft.deleteIfAny('binding', portId);
  draft.deleteIfAny('status', portId);
  draft.deleteIfAny('membership', portId);
}
