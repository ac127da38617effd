/**
 * Sends raw Ethernet frames out of an interface, whatever its own addresses: what a hostile VM or
 * a stranger in the underlay can do. Node has no packet sockets; python3 has, and comes with
 * Debian's openvswitch-switch.
 */
import { exec } from './exec.ts';
import type { Namespace } from './namespace.ts';

const SENDER = `
import socket, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
for line in sys.stdin:
    out.send(bytes.fromhex(line))
    time.sleep(0.001)
`;

/**
 * Sends the frames in order, about one a millisecond: a userspace switch reads from a socket whose
 * buffer holds some 250 small frames, and a faster sender would lose some before any flow sees
 * them. Every frame has left the interface when this returns.
 */
export async function inject(
  namespace: Namespace,
  device: string,
  frames: readonly Buffer[],
): Promise<void> {
  await exec(['python3', '-I', '-S', '-c', SENDER, device], {
    netns: namespace.name,
    input: frames.map((frame) => `${frame.toString('hex')}\n`).join(''),
  });
}
