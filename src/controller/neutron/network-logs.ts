/** Logs of what security groups do, and what can be logged. A log goes with its group or port. */
import {
  checkNetworkLog,
  freshNetworkLog,
  type Intent,
  intentError,
  LOGGABLE_RESOURCE_ATTRIBUTES,
  LOGGABLE_TYPES,
  NETWORK_LOG_ATTRIBUTES,
  type Port,
  updatedNetworkLog,
} from '../../topology/index.ts';
import type { Draft } from './draft.ts';
import type { ReadingType } from './readings.ts';
import type { ResourceType, View } from './resource-type.ts';
import { vifType } from './vif.ts';

export const NETWORK_LOGS: ResourceType<'log', typeof NETWORK_LOG_ATTRIBUTES> = {
  kind: 'log',
  singular: 'log',
  plural: 'logs',
  path: '/v2.0/log/logs',
  attributes: NETWORK_LOG_ATTRIBUTES,
  notFound: (id) => intentError('LogResourceNotFound', { log_id: id }),
  derive: ({ project_id }) => ({ tenant_id: project_id }),

  create: (draft, given) => {
    const log = freshNetworkLog(given, draft.birth());
    checkNetworkLog(draft.topology, log, (port) => isLoggable(port, draft.topology));
    // What was found of the port holds when the log comes.
    if (log.target_id !== null) draft.expect('port', log.target_id);
    return log;
  },

  update: (draft, before, given) => updatedNetworkLog(before, given, draft.at),
  remove: () => {},
};

const LOGGABLE_RESOURCES: readonly View[] = LOGGABLE_TYPES.map((type) => ({ type }));

export const LOGGABLE_RESOURCE_TYPE: ReadingType = {
  singular: 'loggable_resource',
  plural: 'loggable_resources',
  path: '/v2.0/log/loggable-resources',
  attributes: LOGGABLE_RESOURCE_ATTRIBUTES,
  without: ['show'],
  notFound: (resource_type) => intentError('InvalidLogResourceType', { resource_type }),
  items: () => LOGGABLE_RESOURCES,
  item: () => undefined,
};

/** Takes away the logs of a group or a port that goes, whoever made them. */
export function deleteLogs(draft: Draft, index: 'logsOfGroup' | 'logsOfPort', id: string): void {
  for (const log of draft.topology.members(index, id).keys()) draft.delete('log', log);
}

/** Our switch sees what passes a port that is plugged there, or will be. */
function isLoggable(port: Port, topology: Intent): boolean {
  return vifType(port, topology) === 'ovs' || port['binding:vnic_type'] === 'normal';
}
