/**
 * The order of a push that takes more than one bundle. After each step of it a packet gets through
 * only if it did before the push or will after it, and does if it did before and will after:
 *
 * 1. Groups lose the buckets that go; new ones are empty. From here on no flow refers to a group
 *    that is not there. A bucket that asks no more whom its port hears asks no more from here on.
 *    Flows that copy to ports lose the copies that go (copies.ts).
 * 2. What leads to a port, a host or a network goes, if it goes for good, and drops, if it is
 *    another's from now on or leads to another number: nobody sends or gets anything by the flows
 *    of two owners of one number or address, and no address that is known is taken for an unknown
 *    one. Where a port of ours is another host's from now on, its entry leads there.
 * 3. Flows come, the innermost table first, so that a path opens from its end, and the highest
 *    priority first, so that a guard is there before what it guards. A flow that names conjunctions
 *    names the old ones, too, and comes after what those lead to. Drops of sieves go.
 * 4. Flows go, the outermost table and the lowest priority first, so that a path closes from its
 *    beginning and a guard leaves last; flows that name conjunctions lose the old ones. Drops of
 *    sieves come.
 * 5. What leads to a port, a host or a network comes, now that nothing is left of who was there.
 * 6. Copies come. Groups get the buckets that come; those that nobody uses go. A bucket that is to
 *    ask whom its port hears asks from here on.
 *
 * What it can not order: a number of a conjunction that means something else after the push.
 */
import type { ConjunctionAction } from '../openflow/actions/index.ts';
import { instructionBytes } from '../openflow/index.ts';
import { bucketId, decodeBucket } from '../openflow/messages/index.ts';
import { Reader } from '../openflow/wire/index.ts';
import {
  Classifier,
  type CompiledFlow,
  CopyIsolation,
  compiledFlow,
  describeCookie,
  InPort,
  Isolation,
  L2Forwarding,
  OutputPort,
  TunnelNetwork,
  TunnelPeer,
} from '../pipeline/index.ts';
import {
  type BundleChanges,
  type FlowChange,
  type FlowState,
  type GroupChange,
  type GroupState,
  isOtherUnit,
  type Step,
} from './changes.ts';
import { copiesToPorts, narrowCopies, widenCopies } from './copies.ts';
import { instructionsOf } from './instructions.ts';
import { inLevels } from './levels.ts';

/** Tables whose flows say whose a port number or an address is. */
const ENTRIES: ReadonlySet<number> = new Set([
  Classifier.id,
  TunnelPeer.id,
  TunnelNetwork.id,
  L2Forwarding.id,
]);

/** Tables that let through what no flow of theirs drops. */
const SIEVES: ReadonlySet<number> = new Set([Isolation.id, CopyIsolation.id]);

/** Registers that hold the number of a local port. */
const NUMBERS: ReadonlySet<string> = new Set([InPort.register, OutputPort.register]);

export function longPush({ flows: all, groups }: BundleChanges): Step[] {
  const copying = all.filter(copiesToPorts);
  const flows = all.filter((change) => !copiesToPorts(change));
  const away = flows.filter(goesAway);
  const entries = flows.filter((change) => changesHands(change) && !goesAway(change));
  const parts = flows.filter((change) => !changesHands(change)).map(partOf);
  return [
    ...groups.flatMap(narrow),
    ...copying.flatMap(narrowCopies),
    ...inLevels(entries.flatMap(entryBefore), ({ flow }) => flow).map(({ step }) => step),
    ...open(away.map(partOf)),
    ...open(parts),
    ...close(parts),
    ...open(entries.map(partOf)),
    ...copying.flatMap(widenCopies),
    ...groups.flatMap(widen),
  ];
}

/** A change of a flow, and what conjunctions it names before and after, if it is such a flow. */
interface Part {
  readonly change: FlowChange;
  readonly names: readonly ConjunctionAction[] | undefined;
  readonly named: readonly ConjunctionAction[] | undefined;
}

function partOf(change: FlowChange): Part {
  if (change.op === 'delete') {
    return { change, names: undefined, named: conjunctionsOf(change.flow) };
  }
  const { flow, before } = change;
  return { change, names: conjunctionsOf(flow), named: before && conjunctionsOf(before) };
}

/** Whether an entry comes, goes, is another unit's or leads to another number from now on. */
function changesHands(change: FlowChange): boolean {
  if (!ENTRIES.has(change.flow.table)) return false;
  if (change.op === 'delete' || isOtherUnit(change)) return true;
  return change.before !== undefined && portBehind(change.before) !== portBehind(change.flow);
}

/**
 * Whether the entry of a port led to it here, and leads to another host from now on: the way there
 * is open. The VM may run there all the while, as where a move is called off.
 */
function goesAway(change: FlowChange): boolean {
  if (change.op === 'delete' || change.before === undefined) return false;
  const { before, flow } = change;
  if (flow.table !== L2Forwarding.id || portBehind(flow) !== undefined) return false;
  return portBehind(before) !== undefined && isSameRecord(before, flow);
}

/** Units of two kinds that stem from one record. */
function isSameRecord(one: FlowState, other: FlowState): boolean {
  return describeCookie(one.cookie)?.idHash === describeCookie(other.cookie)?.idHash;
}

/** Number of the local port that an entry leads to or speaks for; undefined of any other. */
function portBehind(flow: FlowState): number | bigint | undefined {
  for (const instruction of instructionsOf(flow)) {
    if (instruction.type !== 'apply_actions') continue;
    for (const action of instruction.actions) {
      if (action.type === 'set_field' && NUMBERS.has(action.field)) return action.value;
    }
  }
  return undefined;
}

/** What becomes of an entry that is there, until what comes in its place can come. */
function entryBefore(change: FlowChange): { flow: FlowState; step: Step }[] {
  if (change.op === 'delete') return [{ flow: change.flow, step: deletion(change.flow) }];
  const { before } = change;
  return before === undefined ? [] : [{ flow: before, step: block(before) }];
}

/** An address that is somebody's before and after is nobody's unknown one in between. */
function block({ table, priority, cookie, match }: FlowState): Step {
  const flow = compiledFlow({ table, priority, cookie, match, instructions: DROP });
  return { type: 'put_flow', flow };
}

const DROP = instructionBytes([]);

function open(parts: readonly Part[]): Step[] {
  return inLevels(
    parts.filter(({ change }) => opens(change)),
    ({ change }) => change.flow,
    ({ names }) => names !== undefined,
  )
    .reverse()
    .map(({ change: { op, flow }, names, named }) =>
      op === 'delete' ? deletion(flow) : { type: 'put_flow', flow: both(flow, names, named) },
    );
}

/** Whether more gets through by a change, not less. */
function opens({ op, flow }: FlowChange): boolean {
  const drops = SIEVES.has(flow.table) && flow.instructions.length === 0;
  return drops === (op === 'delete');
}

function close(parts: readonly Part[]): Step[] {
  const closing = parts.filter(
    ({ change, names, named }) => !opens(change) || losesSome(names, named),
  );
  return inLevels(
    closing,
    ({ change }) => change.flow,
    ({ named }) => named !== undefined,
  ).map(({ change }) =>
    change.op === 'delete' ? deletion(change.flow) : { type: 'put_flow', flow: change.flow },
  );
}

/** A flow that names what it is to name, and what it named before. */
function both(flow: CompiledFlow, names: Part['names'], named: Part['named']): CompiledFlow {
  if (names === undefined || named === undefined || !losesSome(names, named)) return flow;
  const actions = [...names, ...lost(names, named)];
  if (actions.length > ACTIONS_MAX) return flow;
  const instructions = instructionBytes([{ type: 'apply_actions', actions }]);
  const { table, priority, cookie, match } = flow;
  return compiledFlow({ table, priority, cookie, match, instructions });
}

/** A message is at most 64 KB, and a conjunction takes 16 bytes. */
const ACTIONS_MAX = 4_000;

function losesSome(names: Part['names'], named: Part['named']): boolean {
  return names !== undefined && named !== undefined && lost(names, named).length > 0;
}

function lost(names: readonly ConjunctionAction[], named: readonly ConjunctionAction[]) {
  const kept = new Set(names.map(nameOf));
  return named.filter((action) => !kept.has(nameOf(action)));
}

function nameOf({ id, clause, clauses }: ConjunctionAction): string {
  return `${id} ${clause} ${clauses}`;
}

/** Undefined of flows that do anything else. */
function conjunctionsOf(flow: FlowState): ConjunctionAction[] | undefined {
  const [first, ...others] = instructionsOf(flow);
  if (first?.type !== 'apply_actions' || others.length > 0) return undefined;
  const named = first.actions.filter((action) => action.type === 'conjunction');
  return named.length === first.actions.length && named.length > 0 ? named : undefined;
}

function deletion(flow: FlowState): Step {
  return { type: 'delete_flow', flow };
}

function narrow(change: GroupChange): Step[] {
  const { op, group } = change;
  if (op === 'modify') return fromTo(change.before, between(change.before, group));
  return op === 'add' ? [{ type: 'add_group', group: { ...group, buckets: [] } }] : [];
}

function widen(change: GroupChange): Step[] {
  const { op, group } = change;
  if (op === 'delete') return [{ type: 'delete_group', group }];
  return fromTo(op === 'modify' ? between(change.before, group) : { ...group, buckets: [] }, group);
}

function fromTo(before: GroupState, group: GroupState): Step[] {
  const same = before.type === group.type && before.buckets.length === group.buckets.length;
  const isSame = same && before.buckets.every((bucket, at) => group.buckets[at]?.equals(bucket));
  return isSame ? [] : [{ type: 'modify_group', before, group }];
}

/** What a group has before and after, and where a bucket is another, the one that asks nobody. */
function between(before: GroupState, after: GroupState): GroupState {
  const wanted = new Map(after.buckets.map((bucket) => [bucketId(bucket), bucket]));
  const buckets = before.buckets.flatMap((bucket) => {
    const next = wanted.get(bucketId(bucket));
    return next === undefined ? [] : wider(bucket, next);
  });
  return { ...before, buckets };
}

/** Of two buckets of one port; nothing of two that tell nothing about each other. */
function wider(one: Buffer, other: Buffer): Buffer[] {
  if (one.equals(other)) return [one];
  if (asksSieve(one) === asksSieve(other)) return [];
  return asksSieve(one) ? [other] : [one];
}

function asksSieve(bucket: Buffer): boolean {
  const { actions } = decodeBucket(new Reader(bucket));
  return actions.some((action) => action.type === 'resubmit' && SIEVES.has(action.table ?? 0));
}
