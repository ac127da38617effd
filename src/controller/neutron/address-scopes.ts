/** Address scopes. One goes only when no subnet pool is in it, and stays open once it is shared. */
import {
  ADDRESS_SCOPE_ATTRIBUTES,
  type IntentError,
  intentError,
  isShared,
} from '../../topology/index.ts';
import { openToAll } from './openness.ts';
import type { ResourceType } from './resource-type.ts';

export const ADDRESS_SCOPES: ResourceType<'address_scope', typeof ADDRESS_SCOPE_ATTRIBUTES> = {
  kind: 'address_scope',
  singular: 'address_scope',
  plural: 'address_scopes',
  attributes: ADDRESS_SCOPE_ATTRIBUTES,
  notFound: scopeNotFound,

  derive: ({ id, project_id }, { topology, requester }) => ({
    tenant_id: project_id,
    shared: isShared(topology, id, requester.projectId),
  }),

  create: (draft, { name, ip_version, shared, ...given }) => {
    const { id, projectId } = draft.birth();
    const scope = { id, project_id: given.project_id ?? projectId, name, ip_version };
    if (shared) openToAll(draft, 'address_scope', scope);
    return scope;
  },

  update: (draft, before, { shared, ...given }) => {
    if (shared === true) openToAll(draft, 'address_scope', before);
    if (shared === false && isShared(draft.topology, before.id, draft.requester.projectId)) {
      const reason = "Shared address scope can't be unshared";
      throw intentError('AddressScopeUpdateError', { address_scope_id: before.id, reason });
    }
    return { ...before, ...given };
  },

  remove: ({ topology }, { id }) => {
    if (topology.members('poolsOfScope', id).size === 0) return;
    throw intentError('AddressScopeInUse', { address_scope_id: id });
  },
};

export function scopeNotFound(id: string): IntentError {
  return intentError('AddressScopeNotFound', { address_scope_id: id });
}
