/** Logs: from a checked request to a record, and what can be logged where. */
import type { Intent } from '../intent.ts';
import { intentError } from '../intent-error.ts';
import type { NetworkLog, NetworkLogCreate, NetworkLogUpdate } from '../network-log.ts';
import type { Port } from '../port.ts';
import { type Birth, stamped, touched } from './birth.ts';

export function freshNetworkLog(given: NetworkLogCreate, birth: Birth): NetworkLog {
  return {
    id: birth.id,
    project_id: given.project_id ?? birth.projectId,
    name: given.name,
    description: given.description,
    enabled: given.enabled,
    resource_type: given.resource_type,
    resource_id: given.resource_id,
    target_id: given.target_id,
    event: given.event,
    ...stamped(birth),
  };
}

export function updatedNetworkLog(
  log: NetworkLog,
  given: NetworkLogUpdate,
  at: string,
): NetworkLog {
  return { ...log, ...given, ...touched(log, at) };
}

/**
 * Refuses a log of what is not there, or does not belong together.
 * @param isLoggable whether somebody looks at what passes a port
 */
export function checkNetworkLog(
  intent: Intent,
  { resource_type, resource_id, target_id }: NetworkLog,
  isLoggable: (port: Port) => boolean,
): void {
  if (resource_id !== null && intent.get('security_group', resource_id) === undefined) {
    throw intentError('ResourceNotFound', { resource_id });
  }
  if (target_id === null) return;
  const port = intent.get('port', target_id);
  if (port === undefined) throw intentError('TargetResourceNotFound', { target_id });
  if (!isLoggable(port)) {
    throw intentError('LoggingTypeNotSupported', { log_type: resource_type, port_id: target_id });
  }
  if (resource_id === null || port.security_groups.includes(resource_id)) return;
  throw intentError('InvalidResourceConstraint', {
    resource: resource_type,
    resource_id,
    target_resource: 'port',
    target_id,
  });
}
