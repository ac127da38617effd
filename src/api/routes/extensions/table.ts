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
    'address-group',
    'Address group',
    'Addresses under one name, for rules of security groups to refer to: stored, not yet enforced.',
    '2020-07-15',
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
    'empty-string-filtering',
    'Empty String Filtering Extension',
    'Filters may ask for attributes that are empty.',
    '2018-05-01',
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
    'port-security-groups-filtering',
    'Port filtering on security groups',
    'Ports can be found by their security groups.',
    '2018-01-09',
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
    'rbac-address-group',
    'Add address_group type to RBAC',
    'Address groups can be shared with other projects.',
    '2021-01-20',
  ),
  extension(
    'rbac-security-groups',
    'Add security_group type to network RBAC',
    'Security groups can be shared with other projects.',
    '2019-02-14',
  ),
  extension(
    'security-group',
    'security-group',
    'Which traffic ports let in and out: stored, not yet enforced.',
    '2012-10-05',
  ),
  extension(
    'security-groups-default-rules',
    'Default rules for security groups',
    'The rules that new security groups begin with; rules are stored, not yet enforced.',
    '2022-12-19',
  ),
  extension(
    'security-groups-normalized-cidr',
    'Normalized CIDR field for security group rules',
    'Rules show their remote prefix without host bits.',
    '2020-07-28',
  ),
  extension(
    'security-groups-remote-address-group',
    'Remote address group id field for security group rules',
    'Rules may refer to an address group: stored, not yet enforced.',
    '2020-08-25',
  ),
  extension(
    'security-groups-rules-belongs-to-default-sg',
    "Security group rule belongs to the project's default security group",
    "Rules show whether their group is a project's default group.",
    '2023-05-23',
  ),
  extension(
    'security-groups-shared-filtering',
    'Security group filtering on the shared field',
    'Security groups can be found by whether they are shared.',
    '2021-10-05',
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
    'stateful-security-group',
    'Stateful security group',
    'Whether a group lets answers pass by themselves: stored, not yet enforced.',
    '2019-11-26',
  ),
];

function extension(alias: string, name: string, description: string, day: string): Extension {
  return { alias, name, description, updated: `${day}T10:00:00-00:00` };
}
