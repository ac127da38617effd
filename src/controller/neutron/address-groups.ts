/** Address groups: addresses under one name, which rules of security groups refer to. */
import {
  ADDRESS_GROUP_ATTRIBUTES,
  type AddressGroup,
  checkAddressGroupDelete,
  freshAddressGroup,
  isShared,
  updatedAddressGroup,
  withAddresses,
  withoutAddresses,
} from '../../topology/index.ts';
import { addressGroupNotFound } from './errors.ts';
import type { Action, ResourceType, View, Viewer } from './resource-type.ts';

export const ADDRESS_GROUPS: ResourceType<'address_group', typeof ADDRESS_GROUP_ATTRIBUTES> = {
  kind: 'address_group',
  singular: 'address_group',
  plural: 'address_groups',
  attributes: ADDRESS_GROUP_ATTRIBUTES,
  quota: 'address_group',
  notFound: addressGroupNotFound,

  derive,

  create: (draft, given) => freshAddressGroup(given, draft.birth()),
  update: (draft, before, given) => updatedAddressGroup(before, given, draft.at),
  remove: (draft, { id }) => checkAddressGroupDelete(draft.topology, id),

  actions: {
    add_addresses: replacement(withAddresses),
    remove_addresses: replacement(withoutAddresses),
  },
};

function derive({ id, project_id }: AddressGroup, { topology, requester }: Viewer): View {
  return { tenant_id: project_id, shared: isShared(topology, id, requester.projectId) };
}

/** The action that puts what `change` makes of a group, and shows it. */
function replacement(
  change: (group: AddressGroup, body: unknown, at: string) => AddressGroup,
): Action<AddressGroup> {
  return (draft, before, body) => {
    const group = change(before, body, draft.at);
    draft.put('address_group', group.id, group);
    return () => ({ address_group: { ...derive(group, draft), ...group } });
  };
}
