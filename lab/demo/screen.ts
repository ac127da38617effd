/** What the demo prints: numbered steps, checks with their figures, a reachability matrix. */

const COLOUR = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number, text: string): string =>
  COLOUR ? `\u001b[${code}m${text}\u001b[0m` : text;
const green = (text: string): string => paint(32, text);
const red = (text: string): string => paint(31, text);
const bold = (text: string): string => paint(1, text);
const dim = (text: string): string => paint(2, text);

/** One thing that the demo asserted, for the report. */
export interface Check {
  readonly step: string;
  readonly what: string;
  readonly passed: boolean;
}

export class Screen {
  readonly checks: Check[] = [];
  #step = '';
  #number = 0;

  title(text: string): void {
    console.log(`\n${bold(text)}`);
  }

  /** Begins a step and tells in a few words what it is about to do. */
  step(title: string): void {
    this.#number += 1;
    this.#step = title;
    console.log(`\n${bold(`${this.#number}. ${title}`)}`);
  }

  /** Something that was done, with what it took. */
  done(text: string): void {
    console.log(`   ${green('✓')} ${text}`);
  }

  note(text: string): void {
    console.log(`     ${dim(text)}`);
  }

  plain(text: string): void {
    console.log(text);
  }

  /** A claim that holds or not; one that does not makes the demo fail. */
  check(what: string, passed: boolean): void {
    this.checks.push({ step: this.#step, what, passed });
    console.log(`   ${passed ? green('✓') : red('✗')} ${what}`);
  }

  failed(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.log(`   ${red('✗')} ${text}`);
  }

  /** A table of cells with a name for each row and column. */
  matrix(names: readonly string[], cell: (row: number, column: number) => Cell): void {
    const width = Math.max(...names.map((name) => name.length), 5) + 2;
    const line = (head: string, cells: readonly string[]): string =>
      `     ${head}${cells.join('')}`;
    const right = (text: string): string => text.padStart(width);
    console.log(line(' '.repeat(width), names.map(right)));
    names.forEach((name, row) => {
      const cells = names.map((_, column) => {
        const { text, tone } = cell(row, column);
        return TONES[tone](right(text));
      });
      console.log(line(name.padEnd(width), cells));
    });
  }

  get passed(): boolean {
    return this.checks.length > 0 && this.checks.every(({ passed }) => passed);
  }
}

export interface Cell {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'quiet';
}

const TONES = { good: green, bad: red, quiet: dim } as const;

/** A duration for people: milliseconds below ten seconds, seconds above. */
export function duration(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
