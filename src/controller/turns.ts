/**
 * In which turns hosts are handed what a change touches. Most changes have one. When nothing but
 * rules goes, what they let through is cut on every host before anybody looks at the remotes that
 * they named, of which there may be thousands: a cut takes as long among many members as among few.
 *
 * What holds in between lets through nothing else than what holds afterwards, for a remote alone
 * lets nothing through, unless a clause has got the number of one that went: then its remotes are
 * not its own until the last turn, and there is one turn only.
 */
import type { Change, Clauses, RecordKey, Topology, UnitKey } from '../topology/index.ts';
import { splitKey } from '../topology/index.ts';

/** Whether a unit has its turn. */
export type Turn = (key: UnitKey) => boolean;

const ONE: readonly Turn[] = [() => true];
const CUT_FIRST: readonly Turn[] = [(key) => !isRemote(key), isRemote];

/** To be called before the change is applied; what it gives back, afterwards. */
export function turnsOf(topology: Topology, { puts, deletes }: Change): () => readonly Turn[] {
  const groupIds = deletes.map((key) => groupOfRule(topology, key));
  if (puts.length > 0 || groupIds.includes(undefined)) return () => ONE;
  const groups = groupIds.filter((id) => id !== undefined);
  const before = new Map(groups.map((id) => [id, topology.clausesOf(id)]));
  return () => {
    const keep = [...before].every(([id, clauses]) => keepNumbers(clauses, topology.clausesOf(id)));
    return keep ? CUT_FIRST : ONE;
  };
}

function groupOfRule(topology: Topology, key: RecordKey): string | undefined {
  const { kind, id } = splitKey(key);
  if (kind !== 'security_group_rule') return undefined;
  return topology.get('security_group_rule', id)?.security_group_id;
}

function keepNumbers(before: Clauses, after: Clauses): boolean {
  return [...after].every(([key, { id }]) => before.get(key)?.id === id);
}

function isRemote(key: UnitKey): boolean {
  return key.startsWith('group-member/') || key.startsWith('address-group/');
}
