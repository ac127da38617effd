/** A trace for people: one line a table, the verdict at the end, and what to do. */

/** As `/v1/trace` answers; what is not shown here is left out. */
export interface Trace {
  readonly packet: string;
  readonly verdict: 'allowed' | 'dropped' | 'reply dropped';
  readonly reason: string;
  readonly advice: string | null;
  readonly request: Passage | null;
  readonly reply: Passage | null;
  readonly switches: readonly {
    readonly host: string | null;
    readonly agrees: boolean | null;
    readonly text: string;
  }[];
}

interface Passage {
  readonly packet: string;
  readonly hops: readonly Hop[];
}

interface Hop {
  readonly host: string | null;
  readonly enters: string;
  readonly leaves: string | null;
  readonly steps: readonly {
    readonly table: string;
    readonly outcome: 'goes on' | 'dropped' | 'no rule';
    readonly text: string;
    readonly rule: object | null;
  }[];
}

type Color = 'green' | 'red' | 'yellow' | 'dim' | 'bold';
type Paint = (color: Color, text: string) => string;

/** SGR parameters (ECMA-48 8.3.117). */
const SGR: Readonly<Record<Color, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };
const TABLE_WIDTH = 18;

export function traceText(trace: Trace, { hasColors }: { readonly hasColors: boolean }): string {
  const paint: Paint = (color, text) =>
    hasColors ? `\u001b[${SGR[color]}m${text}\u001b[0m` : text;
  const { request, reply } = trace;
  const lines = [
    ...(request === null ? [] : passageLines('packet', request, paint)),
    ...(reply === null ? [] : passageLines('reply', reply, paint)),
    ...(trace.switches.length === 0 ? [] : ['']),
    ...trace.switches.map((each) => switchLine(each, paint)),
    '',
    verdictLine(trace, paint),
    ...(trace.advice === null ? [] : [`What to do: ${trace.advice}`]),
  ];
  return `${lines.join('\n').trimStart()}\n`;
}

function passageLines(way: string, { packet, hops }: Passage, paint: Paint): string[] {
  return ['', paint('bold', `${way}: ${packet}`), ...hops.flatMap((hop) => hopLines(hop, paint))];
}

function hopLines({ host, enters, leaves, steps }: Hop, paint: Paint): string[] {
  const where = host === null ? 'a host' : `host ${host}`;
  return [
    `  ${where}, in by ${enters}`,
    ...steps.map(({ table, outcome, text, rule }) => {
      const mark = outcome === 'dropped' ? '✗' : outcome === 'no rule' ? '–' : '✓';
      const line = `    ${mark} ${table.padEnd(TABLE_WIDTH)} ${text}`;
      if (outcome === 'dropped') return paint('red', line);
      if (rule !== null) return paint('green', line);
      return outcome === 'no rule' ? paint('dim', line) : line;
    }),
    `  ${leaves === null ? 'goes no further' : `out by ${leaves}`}`,
  ];
}

function switchLine({ host, agrees, text }: Trace['switches'][number], paint: Paint): string {
  const line = `${host === null ? 'a host' : `host ${host}`}: ${text}`;
  return agrees === true ? paint('dim', line) : paint('yellow', line);
}

function verdictLine({ verdict, reason }: Trace, paint: Paint): string {
  const color = verdict === 'allowed' ? 'green' : 'red';
  return `${paint(color, verdict.toUpperCase())}: ${reason}.`;
}
