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
    'address-scope',
    'Address scope',
    'Subnet pools whose addresses are all different; stored, not yet enforced by routers.',
    '2015-07-26',
  ),
  extension(
    'agent',
    'agent',
    'Each enrolled host reads as an agent, alive while it is connected.',
    '2013-02-03',
  ),
  extension(
    'allowed-address-pairs',
    'Allowed Address Pairs',
    'Addresses that a port may use besides its own.',
    '2012-07-23',
  ),
  extension(
    'availability_zone',
    'Availability Zone',
    'A region is one availability zone.',
    '2015-01-01',
  ),
  extension(
    'availability_zone_filter',
    'Availability Zone Filter Extension',
    'Zones can be listed by their attributes.',
    '2018-06-22',
  ),
  extension(
    'binding',
    'Port Binding',
    'The host that a port is on, and how it is plugged.',
    '2014-02-03',
  ),
  extension(
    'data-plane-status',
    'Port data plane status extension',
    'What others know of the underlay of a port; stored.',
    '2017-01-24',
  ),
  extension(
    'default-subnetpools',
    'Default Subnetpools',
    'A subnet may come from the default pool of its version.',
    '2016-02-18',
  ),
  extension(
    'dns-domain-ports',
    'dns_domain for ports',
    'A port can have a domain; stored, not yet enforced.',
    '2017-04-24',
  ),
  extension(
    'dns-integration',
    'DNS Integration',
    'Ports have names; stored, not yet enforced.',
    '2015-08-15',
  ),
  extension(
    'dvr',
    'Distributed Virtual Router',
    'Routers say whether they are distributed; all are: stored, not yet enforced.',
    '2014-06-01',
  ),
  extension(
    'empty-string-filtering',
    'Empty String Filtering Extension',
    'Filters may ask for attributes that are empty.',
    '2018-05-01',
  ),
  extension(
    'expose-l3-conntrack-helper',
    'Expose CT target rules for conntrack helper',
    'Routers show their conntrack helpers: stored, not yet enforced.',
    '2019-04-04',
  ),
  extension(
    'expose-port-forwarding-in-fip',
    'Expose Floating IP port forwardings',
    'Floating IPs show their port forwardings: stored, not yet enforced.',
    '2018-06-28',
  ),
  extension(
    'ext-gw-mode',
    'Neutron L3 Configurable external gateway mode',
    'Routers translate sources or not: stored, not yet enforced.',
    '2013-03-28',
  ),
  extension(
    'external-net',
    'Neutron external network',
    'Networks can be external; stored, not yet enforced.',
    '2013-01-14',
  ),
  extension(
    'extra_dhcp_opt',
    'Neutron Extra DHCP options',
    'Options for DHCP clients; stored, not yet enforced.',
    '2013-03-17',
  ),
  extension(
    'extraroute',
    'Neutron Extra Route',
    'Routes of routers: stored, not yet enforced.',
    '2013-02-01',
  ),
  extension(
    'extraroute-atomic',
    'Atomically add/remove extra routes',
    'Routes are added and removed one by one: stored, not yet enforced.',
    '2019-07-10',
  ),
  extension(
    'filter-validation',
    'Filter parameters validation',
    'A filter that does not exist is refused.',
    '2018-03-21',
  ),
  extension(
    'fip-port-details',
    'Floating IP Port Details Extension',
    'Floating IPs show the port that they stand for.',
    '2018-04-09',
  ),
  extension(
    'floating-ip-port-forwarding',
    'Floating IP Port Forwarding',
    'Ports of a floating IP lead to ports of several ports: stored, not yet enforced.',
    '2018-01-19',
  ),
  extension(
    'floating-ip-port-forwarding-description',
    'Floating IP Port Forwarding new attribute description',
    'Port forwardings have a description.',
    '2019-11-01',
  ),
  extension(
    'floating-ip-port-forwarding-detail',
    'Floating IP port forwarding detail',
    'Floating IPs show ids of their port forwardings.',
    '2022-05-06',
  ),
  extension(
    'floating-ip-port-forwarding-port-ranges',
    'Floating IP Port Forwarding support port ranges',
    'Port forwardings take ranges of ports: stored, not yet enforced.',
    '2020-07-01',
  ),
  extension(
    'floatingip-pools',
    'Floating IP Pools Extension',
    'The subnets that floating IPs come from are listed.',
    '2018-03-21',
  ),
  extension(
    'ip-substring-filtering',
    'IP address substring filtering',
    'Ports can be found by a part of an address.',
    '2017-11-28',
  ),
  extension(
    'ip_allocation',
    'IP Allocation',
    'Ports show whether they were to have addresses.',
    '2016-06-10',
  ),
  extension(
    'l2_adjacency',
    'L2 Adjacency',
    'All hosts of a network are on one segment.',
    '2016-04-12',
  ),
  extension(
    'l3-conntrack-helper',
    'L3 Conntrack helper',
    'Protocols that a router follows: stored, not yet enforced.',
    '2019-04-04',
  ),
  extension(
    'l3-ha',
    'HA Router extension',
    'Routers say whether they depend on one host; none does: stored, not yet enforced.',
    '2014-04-26',
  ),
  extension(
    'l3-port-ip-change-not-allowed',
    'Prevent L3 router ports IP address change extension',
    'Interfaces of routers keep their IPv4 addresses.',
    '2018-10-09',
  ),
  extension('net-mtu', 'Network MTU', 'The MTU of a network is shown.', '2015-03-25'),
  extension(
    'net-mtu-writable',
    'Network MTU (writable)',
    'The MTU of a network can be set.',
    '2017-07-12',
  ),
  extension(
    'network-ip-availability',
    'Network IP Availability',
    'How many addresses each network has, and has given out.',
    '2015-09-24',
  ),
  extension(
    'network_availability_zone',
    'Network Availability Zone',
    'Networks can name the zone of the region.',
    '2015-01-01',
  ),
  extension('pagination', 'Pagination support', 'Lists can be read in pages.', '2016-06-12'),
  extension(
    'port-device-profile',
    'Port device profile',
    'A profile for Cyborg; stored.',
    '2020-12-17',
  ),
  extension(
    'port-mac-address-regenerate',
    'Neutron Port MAC address regenerate',
    'A port gets another MAC address when null is given.',
    '2018-05-03',
  ),
  extension(
    'port-numa-affinity-policy',
    'Port NUMA affinity policy',
    'A policy for Nova; stored.',
    '2020-07-08',
  ),
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
    'quota-check-limit',
    'Quota engine limit check',
    'Limits can be checked against what is used.',
    '2021-09-08',
  ),
  extension(
    'quota_details',
    'Quota details management support',
    'Limits are shown with what is used of them.',
    '2017-02-10',
  ),
  extension('quotas', 'Quota management support', 'What each project may have.', '2012-07-29'),
  extension(
    'rbac-address-group',
    'Add address_group type to RBAC',
    'Address groups can be shared with other projects.',
    '2021-01-20',
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
    'rbac-security-groups',
    'Add security_group type to network RBAC',
    'Security groups can be shared with other projects.',
    '2019-02-14',
  ),
  extension(
    'rbac-subnetpool',
    'Add subnetpool type to RBAC',
    'Subnet pools can be shared by policies.',
    '2020-02-05',
  ),
  extension(
    'revision-if-match',
    'If-Match constraints based on revision_number',
    'A change can name the revision that it is meant for.',
    '2016-12-11',
  ),
  extension(
    'router',
    'Neutron L3 Router',
    'Routers and floating IPs: stored, not yet enforced.',
    '2012-07-20',
  ),
  extension(
    'router-admin-state-down-before-update',
    "Enforce Router's Admin State Down Before Update Extension",
    'Only a router that is down becomes distributed, or ceases to be.',
    '2019-07-02',
  ),
  extension(
    'router_availability_zone',
    'Router Availability Zone',
    'Routers show zones; there are none yet: stored, not yet enforced.',
    '2015-01-01',
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
  extension(
    'service-type',
    'Neutron Service Type Management',
    'Service providers can be listed: there are none to choose from.',
    '2013-01-20',
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
    'standard-attr-tag',
    'Tag support for resources with standard attribute',
    'Resources can have tags.',
    '2017-01-01',
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
  extension(
    'tag-ports-during-bulk-creation',
    'Tag Ports During Bulk Creation',
    'Ports can have tags from their creation on.',
    '2019-12-29',
  ),
  extension(
    'uplink-status-propagation',
    'Uplink status propagation extension',
    'Whether the link of a port follows its uplink; stored, not yet enforced.',
    '2018-05-31',
  ),
];

function extension(alias: string, name: string, description: string, day: string): Extension {
  return { alias, name, description, updated: `${day}T10:00:00-00:00` };
}
