/**
 * Which logs look at a port: those of the port itself, of a group that it is in, and those of its
 * project that name neither. A log that rests looks at nothing.
 */
import type { Intent } from './intent.ts';
import type { NetworkLog } from './network-log.ts';
import type { Port } from './port.ts';

export interface LoggedEvents {
  readonly accept: boolean;
  readonly drop: boolean;
}

export function* logsAt(intent: Intent, port: Port): Generator<NetworkLog> {
  for (const log of intent.members('logsOfPort', port.id).values()) {
    const isOf = log.resource_id === null || port.security_groups.includes(log.resource_id);
    if (log.enabled && isOf) yield log;
  }
  for (const groupId of port.security_groups) {
    for (const log of intent.members('logsOfGroup', groupId).values()) {
      if (log.enabled && log.target_id === null) yield log;
    }
  }
  for (const log of intent.members('logsOfProject', port.project_id).values()) {
    if (log.enabled) yield log;
  }
}

/** What is looked at, of a port; undefined when it is nothing. */
export function loggedEvents(intent: Intent, port: Port): LoggedEvents | undefined {
  let accept = false;
  let drop = false;
  for (const { event } of logsAt(intent, port)) {
    accept ||= event !== 'DROP';
    drop ||= event !== 'ACCEPT';
  }
  return accept || drop ? { accept, drop } : undefined;
}

/** The ports that a log may look at, whether it does or not. */
export function portsOfLog(intent: Intent, log: NetworkLog): Iterable<string> {
  if (log.target_id !== null) return [log.target_id];
  if (log.resource_id !== null) return intent.members('portsOfGroup', log.resource_id).keys();
  return intent.ofProject('port', log.project_id).keys();
}
