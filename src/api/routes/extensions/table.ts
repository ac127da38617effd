/**
 * The extensions of the Networking API that hold here: the one list. An alias stands in it only
 * when its attributes are served and do what they say, because clients decide by it.
 */

export interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
  /** Day of the definition in neutron-lib that this follows. */
  readonly updated: string;
}

export const EXTENSIONS: readonly Extension[] = [
  extension(
    'address-scope',
    'Address scope',
    'Subnet pools whose addresses are all different; stored, not yet enforced by routers.',
    '2015-07-26',
  ),
  extension(
    'allowed-address-pairs',
    'Allowed Address Pairs',
    'Addresses that a port may use besides its own.',
    '2012-07-23',
  ),
  extension(
    'binding',
    'Port Binding',
    'The host that a port is on, and how it is plugged.',
    '2014-02-03',
  ),
  extension(
    'default-subnetpools',
    'Default Subnetpools',
    'A subnet may come from the default pool of its version.',
    '2016-02-18',
  ),
  extension(
    'empty-string-filtering',
    'Empty String Filtering Extension',
    'Filters may ask for attributes that are empty.',
    '2018-05-01',
  ),
  extension(
    'external-net',
    'Neutron external network',
    'Networks can be external; stored, not yet enforced.',
    '2013-01-14',
  ),
  extension(
    'filter-validation',
    'Filter parameters validation',
    'A filter that does not exist is refused.',
    '2018-03-21',
  ),
  extension(
    'ip-substring-filtering',
    'IP address substring filtering',
    'Ports can be found by a part of an address.',
    '2017-11-28',
  ),
  extension(
    'l2_adjacency',
    'L2 Adjacency',
    'All hosts of a network are on one segment.',
    '2016-04-12',
  ),
  extension('net-mtu', 'Network MTU', 'The MTU of a network is shown.', '2015-03-25'),
  extension(
    'net-mtu-writable',
    'Network MTU (writable)',
    'The MTU of a network can be set.',
    '2017-07-12',
  ),
  extension('pagination', 'Pagination support', 'Lists can be read in pages.', '2016-06-12'),
  extension(
    'port-security',
    'Port Security',
    'Ports may send from their own addresses only.',
    '2012-07-23',
  ),
  extension(
    'project-id',
    'project_id field enabled',
    'Resources show project_id besides tenant_id.',
    '2016-09-09',
  ),
  extension(
    'provider',
    'Provider Network',
    'How a network is carried: Geneve or VXLAN, and its segmentation id.',
    '2012-09-07',
  ),
  extension(
    'rbac-address-scope',
    'Add address_scope type to RBAC',
    'Address scopes can be shared by policies.',
    '2020-02-12',
  ),
  extension(
    'rbac-policies',
    'RBAC Policies',
    'Policies open resources to other projects.',
    '2015-06-17',
  ),
  extension(
    'rbac-subnetpool',
    'Add subnetpool type to RBAC',
    'Subnet pools can be shared by policies.',
    '2020-02-05',
  ),
  extension('sorting', 'Sorting support', 'Lists can be sorted.', '2016-06-12'),
  extension(
    'standard-attr-description',
    'standard-attr-description',
    'Resources have a description.',
    '2016-02-10',
  ),
  extension(
    'standard-attr-revisions',
    'Resource revision numbers',
    'Resources count their changes.',
    '2016-04-11',
  ),
  extension(
    'standard-attr-timestamp',
    'Resource timestamps',
    'Resources show when they were made and changed.',
    '2016-09-12',
  ),
  extension(
    'subnet-dns-publish-fixed-ip',
    'Subnet DNS publish fixed IP',
    'Addresses of a subnet can be published in DNS; stored, not yet enforced.',
    '2019-05-24',
  ),
  extension(
    'subnet-external-network',
    'Subnet belongs to an external network',
    'Subnets show whether their network is external.',
    '2023-07-25',
  ),
  extension(
    'subnet-service-types',
    'Subnet service types',
    'Subnets can be for the ports of certain owners.',
    '2016-03-15',
  ),
  extension(
    'subnet_allocation',
    'Subnet Allocation',
    'Subnets get their prefixes from subnet pools.',
    '2015-03-30',
  ),
  extension(
    'subnet_onboard',
    'Subnet Onboard',
    'The subnets of a network can be taken into a subnet pool.',
    '2018-12-18',
  ),
  extension(
    'subnetpool-prefix-ops',
    'Subnet Pool Prefix Operations',
    'Prefixes are added to a subnet pool, and taken from it.',
    '2019-02-08',
  ),
];

function extension(alias: string, name: string, description: string, day: string): Extension {
  return { alias, name, description, updated: `${day}T10:00:00-00:00` };
}
