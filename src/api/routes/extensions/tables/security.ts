/** Security groups, address groups, logs. */
import { type Extension, extension } from '../extension.ts';

export const SECURITY: readonly Extension[] = [
  extension(
    'address-group',
    'Address group',
    'Addresses under one name, for rules of security groups to refer to.',
    '2020-07-15',
  ),
  extension(
    'logging',
    'Logging API Extension',
    'What security groups accept and drop can be logged.',
    '2017-01-01',
  ),
  extension(
    'port-security-groups-filtering',
    'Port filtering on security groups',
    'Ports can be found by their security groups.',
    '2018-01-09',
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
    'Which traffic ports let in and out.',
    '2012-10-05',
  ),
  extension(
    'security-groups-default-rules',
    'Default rules for security groups',
    'The rules that new security groups begin with.',
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
    'Rules may refer to an address group.',
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
    'stateful-security-group',
    'Stateful security group',
    'Whether a group lets answers pass by themselves.',
    '2019-11-26',
  ),
];
