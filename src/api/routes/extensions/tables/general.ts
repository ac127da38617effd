/** What all resources have in common, networks and ports. */
import { type Extension, extension } from '../extension.ts';

export const GENERAL: readonly Extension[] = [
  extension(
    'allowed-address-pairs',
    'Allowed Address Pairs',
    'Addresses that a port may use besides its own, and that move from port to port.',
    '2012-07-23',
  ),
  extension(
    'binding',
    'Port Binding',
    'The host that a port is on, and how it is plugged.',
    '2014-02-03',
  ),
  extension(
    'binding-extended',
    'Port Bindings Extended',
    'A port may be bound to further hosts that its server may move to; one binding is active.',
    '2017-07-17',
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
  extension(
    'net-mtu',
    'Network MTU',
    'The MTU of a network is shown; packets are not checked against it.',
    '2015-03-25',
  ),
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
    'How a network is carried; VLAN, flat and local ones are tunnelled, too, for now.',
    '2012-09-07',
  ),
  extension(
    'sort-key-validation',
    'Sort keys validation',
    'A list cannot be sorted by what is no attribute.',
    '2018-07-04',
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
];
