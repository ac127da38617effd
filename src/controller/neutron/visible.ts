/** Records that a request names: what the requester may not see is not there. */
import type { IntentError, RecordByKind } from '../../topology/index.ts';
import {
  floatingIpNotFound,
  networkNotFound,
  portNotFound,
  routerNotFound,
  subnetNotFound,
} from './errors.ts';
import { isAllowed } from './policy.ts';
import type { Viewer } from './resource-type.ts';

const NOT_FOUND = {
  network: networkNotFound,
  subnet: subnetNotFound,
  port: portNotFound,
  router: routerNotFound,
  floatingip: floatingIpNotFound,
} as const satisfies Readonly<Record<string, (id: string) => IntentError>>;

/** The record; refused as Neutron refuses what does not exist. */
export function visible<K extends keyof typeof NOT_FOUND>(
  kind: K,
  id: string,
  { topology, requester }: Viewer,
): RecordByKind[K] {
  const record = topology.get(kind, id);
  if (record === undefined || !isAllowed(`get_${kind}`, requester, record, topology)) {
    throw NOT_FOUND[kind](id);
  }
  return record;
}
