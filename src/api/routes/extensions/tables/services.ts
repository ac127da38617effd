/** QoS, trunks, metering, segments, flavors. */
import { type Extension, extension } from '../extension.ts';

export const SERVICES: readonly Extension[] = [
  extension(
    'flavors',
    'Neutron Service Flavors',
    'Choices of how a service is provided; stored, not yet enforced.',
    '2015-09-17',
  ),
  extension(
    'metering',
    'Neutron Metering',
    'Labels and rules for counting traffic; stored, not yet enforced.',
    '2013-06-12',
  ),
  extension(
    'metering_source_and_destination_fields',
    'Neutron Metering with source and destination filtering',
    'Metering rules name sources and destinations; stored, not yet enforced.',
    '2020-08-21',
  ),
  extension(
    'port-resource-request',
    'Port Resource Request',
    'What a port asks of its host, for Placement.',
    '2018-05-08',
  ),
  extension(
    'port-resource-request-groups',
    'Port Resource Request Groups',
    'What a port asks of its host, in groups.',
    '2021-08-02',
  ),
  extension(
    'qos',
    'Quality of Service',
    'Policies for ports and networks; stored, not yet enforced.',
    '2015-06-08',
  ),
  extension(
    'qos-bw-limit-direction',
    'Direction for QoS bandwidth limit rule',
    'Bandwidth is limited in either direction; stored, not yet enforced.',
    '2017-04-10',
  ),
  extension(
    'qos-bw-minimum-ingress',
    'Ingress direction for QoS minimum bandwidth rule',
    'Bandwidth is promised in either direction; stored, not yet enforced.',
    '2018-07-09',
  ),
  extension(
    'qos-default',
    'QoS default policy',
    'New networks get the default policy of their project.',
    '2017-04-06',
  ),
  extension(
    'qos-fip',
    'Floating IP QoS',
    'Floating IPs have a policy; stored, not yet enforced.',
    '2017-07-20',
  ),
  extension(
    'qos-fip-network-policy',
    'QoS floating IP network policy ID',
    'Floating IPs show the policy of their network.',
    '2021-11-15',
  ),
  extension(
    'qos-gateway-ip',
    'Router gateway IP QoS',
    'Gateways of routers have a policy; stored, not yet enforced.',
    '2018-02-24',
  ),
  extension(
    'qos-port-network-policy',
    'QoS port network policy ID',
    'Ports show the policy of their network.',
    '2019-11-01',
  ),
  extension(
    'qos-pps',
    'QoS Rule Type Packet per Second Extension',
    'Packet rates are limited; stored, not yet enforced.',
    '2021-05-12',
  ),
  extension(
    'qos-pps-minimum',
    'QoS minimum packet rate rule',
    'Packet rates are promised; stored, not yet enforced.',
    '2021-07-14',
  ),
  extension(
    'qos-pps-minimum-rule-alias',
    'QoS minimum packet rate rule alias',
    'Such rules can be reached without their policy.',
    '2021-10-22',
  ),
  extension(
    'qos-rule-type-details',
    'Details of QoS rule types',
    'What the parameters of rules may be is shown.',
    '2017-06-22',
  ),
  extension(
    'qos-rule-type-filter',
    'Allow to filter the list of QoS rule types',
    'Rule types can be listed by support: all are.',
    '2022-02-02',
  ),
  extension(
    'qos-rules-alias',
    'Quality of Service rules alias API',
    'Rules can be reached without their policy.',
    '2018-10-07',
  ),
  extension(
    'segment',
    'Segment',
    'The one segment of each network can be read; none can be made or deleted.',
    '2016-02-24',
  ),
  extension(
    'service-type',
    'Neutron Service Type Management',
    'Service providers can be listed: there are none to choose from.',
    '2013-01-20',
  ),
  extension(
    'standard-attr-segment',
    'Standard Attribute Segment Extension',
    'Segments show the revision and times of their networks.',
    '2018-04-09',
  ),
  extension(
    'trunk',
    'Trunk Extension',
    'Ports share the wire of another; stored, not yet enforced.',
    '2016-01-01',
  ),
  extension(
    'trunk-details',
    'Trunk port details',
    'The parent port of a trunk shows its subports.',
    '2016-01-01',
  ),
];
