/** The types of QoS rules that can be made, and what their parameters may be. */
import {
  type Attribute,
  intentError,
  QOS_RULE_ATTRIBUTES,
  QOS_RULE_TYPE_ATTRIBUTES,
  QOS_RULE_TYPES,
} from '../../topology/index.ts';
import type { ReadingType } from './readings.ts';
import type { View } from './resource-type.ts';

/** Clients know drivers by Neutron's names; Open vSwitch is what is driven here, too. */
const DRIVER = 'openvswitch';

const SUMMARIES: readonly View[] = QOS_RULE_TYPES.map((type) => ({ type }));
const DETAILS: readonly View[] = QOS_RULE_TYPES.map((type) => ({
  type,
  drivers: [{ name: DRIVER, supported_parameters: parametersOf(QOS_RULE_ATTRIBUTES[type]) }],
}));

export const RULE_TYPES: ReadingType = {
  singular: 'rule_type',
  plural: 'rule_types',
  path: '/v2.0/qos/rule-types',
  attributes: QOS_RULE_TYPE_ATTRIBUTES,
  // There is one driver, and it takes all types.
  idle: ['all_rules', 'all_supported'],
  showRule: 'get_rule_type:drivers',
  notFound: (type) => intentError('QosRuleTypeNotFound', { type }),
  items: () => SUMMARIES,
  item: (type) => DETAILS.find((details) => details['type'] === type),
};

function parametersOf(attributes: Readonly<Record<string, Attribute>>): readonly View[] {
  return Object.entries(attributes)
    .filter(([, { put }]) => put)
    .map(([name, { read }]) => ({ parameter_name: name, ...valuesOf(read.schema) }));
}

function valuesOf({ enum: choices, minimum, maximum }: Attribute['read']['schema']): View {
  return choices === undefined
    ? { parameter_type: 'range', parameter_values: { start: minimum, end: maximum } }
    : { parameter_type: 'choices', parameter_values: choices };
}
