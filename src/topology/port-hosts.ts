/** Which hosts a port names: the one where its VM runs, and those that it may move to. */
import type { Port } from './port.ts';
import { inactiveOf } from './port-binding.ts';

/** Ids or names of hosts that the port's VM may move to, as the cloud manager announces them. */
export function destinationsOf(port: Port): readonly string[] {
  const { migrating_to: announced } = port['binding:profile'];
  const isNamed = typeof announced === 'string' && announced !== '';
  return [...(isNamed ? [announced] : []), ...inactiveOf(port).map(({ host }) => host)];
}
