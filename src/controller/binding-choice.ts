/**
 * Where a port is, from what hosts show and what the cloud manager says. Pure.
 *
 * A port stays where it is until that host lets go. While another host that may have it shows it,
 * too, its VM is taken to move there: the port has two places (binding.ts). It has moved when it is
 * heard there, when the cloud manager says so, or when the first host lets go; and has not when the
 * second one lets go before. A third host waits for its turn.
 */
import type { Binding, Move, Plug } from '../topology/index.ts';

/** What is known of one port. */
export interface Claims {
  readonly portId: string;
  readonly before: Binding | undefined;
  /** Hosts that show the port, in the order in which they did. */
  readonly claimants: Iterable<string>;
  /** What a host shows; undefined: not the port. The place itself while nobody hears the host. */
  readonly seen: (hostId: string, place?: Plug) => Plug | undefined;
  readonly mayHave: (hostId: string) => boolean;
  /** Whether the port names the host, and which of two things it calls it. */
  readonly roleOf: (hostId: string) => HostRole | undefined;
  /** Whether the port has sent anything there since it was to arrive there. */
  readonly isHeard: (hostId: string) => boolean;
}

/** Named as the one where the VM runs, or as the one that it is to move to. */
export type HostRole = 'host' | 'destination';

/** The binding that the port should have. */
export function chooseBinding(claims: Claims): Binding | undefined {
  const { portId, before } = claims;
  const runs = still(claims, before);
  const move = stillMove(claims, before?.move);
  if (runs === undefined) {
    const next = move ?? newcomer(claims, []);
    return next && { port_id: portId, ...plugOf(next) };
  }
  const other = otherPlace(claims, runs, move);
  if (other?.state === 'arriving' && hasArrived(claims, runs, other)) {
    return { port_id: portId, ...plugOf(other), move: { ...plugOf(runs), state: 'left' } };
  }
  return { port_id: portId, ...plugOf(runs), ...(other && { move: other }) };
}

function hasArrived(claims: Claims, runs: Plug, arriving: Move): boolean {
  const isCalledHost = (place: Plug) => claims.roleOf(place.host_id) === 'host';
  return claims.isHeard(arriving.host_id) || (isCalledHost(arriving) && !isCalledHost(runs));
}

/**
 * A place that was left is given up only for a host that the port names: else three hosts with one
 * port would take it from each other for ever.
 */
function otherPlace(claims: Claims, runs: Plug, move: Move | undefined): Move | undefined {
  if (move?.state === 'arriving') return move;
  const taken = [runs.host_id, ...(move === undefined ? [] : [move.host_id])];
  const next = newcomer(claims, taken);
  if (next === undefined) return move;
  if (move !== undefined && claims.roleOf(next.host_id) === undefined) return move;
  return { ...next, state: 'arriving' };
}

function newcomer(
  { claimants, seen, mayHave }: Claims,
  taken: readonly string[],
): Plug | undefined {
  const hostId = [...claimants].find((id) => !taken.includes(id) && mayHave(id));
  return hostId === undefined ? undefined : seen(hostId);
}

function still({ seen, mayHave }: Claims, place: Plug | undefined): Plug | undefined {
  if (place === undefined || !mayHave(place.host_id)) return undefined;
  return seen(place.host_id, place);
}

/** What was left and is plugged anew is where the VM comes back to. */
function stillMove(claims: Claims, move: Move | undefined): Move | undefined {
  const place = still(claims, move);
  if (move === undefined || place === undefined) return undefined;
  const isSame = place.ofport === move.ofport && place.interface_name === move.interface_name;
  return { ...plugOf(place), state: isSame ? move.state : 'arriving' };
}

function plugOf({ host_id, ofport, interface_name }: Plug): Plug {
  return { host_id, ofport, interface_name };
}
