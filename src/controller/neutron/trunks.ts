/**
 * Trunks. A trunk owns its parent port and its subports by claims, so that no port is of two, and
 * holds them by references, so that none goes before the trunk does.
 */
import {
  checkEnabled,
  extendedTrunk,
  freshTrunk,
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
import type { ResourceType, View } from './resource-type.ts';

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

function derive({ project_id }: Trunk): View {
  return { tenant_id: project_id, status: 'DOWN' };
}

/** An action answers with the trunk itself, under no name. */
function change(draft: Draft, before: Trunk, after: Trunk): () => View {
  draft.put('trunk', after.id, after);
  markSubports(draft, before, after);
  return () => ({ ...after, ...derive(after) });
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

/** Says of ports that they became subports, or are none any more. */
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
}
