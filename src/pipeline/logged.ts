/**
 * What a flow says of a packet that it hands over to be written down, behind the number of the
 * service in its userdata (services.ts): one byte, then the id of the port.
 *
 *     bit 0   0: from the port, 1: to it
 *     bit 1   0: let through, 1: dropped
 */

export interface Logged {
  readonly portId: string;
  readonly direction: 'egress' | 'ingress';
  readonly verdict: 'ACCEPT' | 'DROP';
}

/** Bit of ct_mark, in the zone of a port: the opening of the connection has been handed over. */
export const TOLD = { value: 1, mask: 1 } as const;

const INGRESS = 1;
const DROPPED = 2;

export function loggedBytes({ portId, direction, verdict }: Logged): Buffer {
  const bits = (direction === 'ingress' ? INGRESS : 0) | (verdict === 'DROP' ? DROPPED : 0);
  return Buffer.concat([Buffer.from([bits]), Buffer.from(portId)]);
}

export function readLogged(bytes: Buffer): Logged {
  const bits = bytes[0] ?? 0;
  return {
    portId: bytes.toString('utf8', 1),
    direction: (bits & INGRESS) === 0 ? 'egress' : 'ingress',
    verdict: (bits & DROPPED) === 0 ? 'ACCEPT' : 'DROP',
  };
}
