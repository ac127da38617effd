/** Where the switches of a trace differ from what the trace took for granted. */
import type { DesiredState } from '../../compiler/index.ts';
import type { FleetTrace, Step } from '../../simulator/index.ts';
import type { Look } from './inspector.ts';

/** What is known of the real state of one host's switch. */
export interface SwitchView {
  /** Null where hosts are not shown. */
  readonly host: string | null;
  /** Whether the switch holds all that the trace used; null when that is not known. */
  readonly agrees: boolean | null;
  /** Updates on their way to it. */
  readonly pending: number;
  /** Tables of which it has another fingerprint than it should. */
  readonly tables: readonly string[];
  /** Flows on the packet's way that it lacks, or has otherwise. */
  readonly flows: readonly { readonly table: string; readonly problem: 'missing' | 'changed' }[];
  readonly text: string;
}

/** What a trace needs to know of hosts. */
export interface SwitchSight {
  /** What a host of ours should hold. */
  units(hostId: string): DesiredState['units'] | undefined;
  /** See `Inspector.look`. */
  look(hostId: string, keys: Iterable<string>): Promise<Look>;
}

export async function inspectSwitch(
  sight: SwitchSight,
  hostId: string,
  traces: readonly FleetTrace[],
): Promise<Omit<SwitchView, 'host'>> {
  const tables = flowsOn(hostId, traces);
  try {
    return answer(await sight.look(hostId, tables.keys()), tables);
  } catch (error) {
    const text = `its switch cannot be asked: ${wordsOf(error)}`;
    return { agrees: null, pending: 0, tables: [], flows: [], text };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function answer(
  { flows: problems, tables, pending }: Look,
  tableNames: ReadonlyMap<string, string>,
): Omit<SwitchView, 'host'> {
  const flows = [...problems].map(([key, problem]) => ({
    table: tableNames.get(key) ?? '',
    problem,
  }));
  const agrees = flows.length === 0 && tables.length === 0 && pending === 0;
  return { agrees, pending, tables, flows, text: summary({ flows, tables, pending }) };
}

function summary({ flows, tables, pending }: Pick<SwitchView, 'flows' | 'tables' | 'pending'>) {
  if (pending > 0) return `${pending} changes are on their way to its switch`;
  if (flows.length > 0) {
    const list = flows.map(({ table, problem }) => `${problem} in ${table}`).join(', ');
    return `its switch differs on this way: ${list}; the next audit repairs it`;
  }
  if (tables.length > 0) {
    return `its switch differs, not on this way: ${tables.join(', ')}; the next audit repairs it`;
  }
  return 'its switch holds what it should on this way';
}

/** Keys of the flows that packets met on a host, with the table of each. */
function flowsOn(hostId: string, traces: readonly FleetTrace[]): Map<string, string> {
  const steps = traces
    .flatMap(({ hops }) => hops)
    .filter((hop) => hop.hostId === hostId)
    .flatMap((hop): readonly Step[] => hop.steps);
  return new Map(
    steps.flatMap(({ flow, dimensions, tableName }) =>
      [...(flow === undefined ? [] : [flow]), ...dimensions].map(
        ({ key }) => [key, tableName] as const,
      ),
    ),
  );
}
