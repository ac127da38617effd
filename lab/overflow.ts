/**
 * Frames that came to a packet socket which had no room for them. A userspace switch reads its
 * ports through such sockets, which hold some 250 small frames: on a machine that gives it no
 * processor for long enough, frames are lost before any flow sees them. A test that counts lost
 * packets has to know whether it has measured that.
 */
import type { Namespace } from './namespace.ts';

/** Of all sockets of a program in these namespaces that are open now. */
export async function overflowed(
  program: string,
  namespaces: readonly Namespace[],
): Promise<number> {
  const lists = await Promise.all(
    namespaces.map((namespace) => namespace.exec(['ss', '-0', '-n', '-m', '-p'])),
  );
  return lists
    .flatMap((list) => list.split('\n'))
    .filter((line) => line.includes(`"${program}"`))
    .reduce((sum, line) => sum + Number(/skmem:\(.*\bd(\d+)\)/.exec(line)?.[1] ?? 0), 0);
}
