/**
 * MAC-learning ports (Neutron's `mac-learning`): behind one is a bridge, with machines whose MAC
 * addresses intent does not know. Port security would stop them, so it has to be off.
 */
import type { Port } from './port.ts';

/** Addresses that one port has at most besides its own: it shows no more before one ages. */
export const LEARNED_OF_PORT_MAX = 64;

/** Learned addresses of one network at most, whoever has them. */
export const LEARNED_OF_NETWORK_MAX = 1024;

export function learnsMacs(
  port: Pick<Port, 'mac_learning_enabled' | 'port_security_enabled'>,
): boolean {
  return port.mac_learning_enabled && !port.port_security_enabled;
}

/** Who learns; the replica, or a draft over it. */
interface LearnerSource {
  members(index: 'learningPortsOfNetwork', networkId: string): { readonly size: number };
}

/** Whether any port of a network learns, plugged in or not: only then is anything flooded to it. */
export function hasLearners(source: LearnerSource, networkId: string): boolean {
  return source.members('learningPortsOfNetwork', networkId).size > 0;
}
