/** Routers and floating IPs. */
import { type Extension, extension } from '../extension.ts';

export const LAYER3: readonly Extension[] = [
  extension(
    'auto-allocated-topology',
    'Auto Allocated Topology Services',
    'A project gets a network, subnets and a router: routers are stored, not yet enforced.',
    '2016-01-01',
  ),
  extension(
    'dvr',
    'Distributed Virtual Router',
    'Routers say whether they are distributed; all are: stored, not yet enforced.',
    '2014-06-01',
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
    'Routers and floating IPs get addresses of external networks; nothing leads outside yet.',
    '2013-01-14',
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
    'Routers can name the zone of the region.',
    '2015-01-01',
  ),
];
