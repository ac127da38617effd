/**
 * `npm run bench [-- NAME …] [--report FILE]`: measures, prints, and writes JSON. No pass or fail:
 * the machine is shared, so figures are read as ratios of one run.
 */
import { type Bench, describeMachine, type Figure, formatFigure, writeReport } from './report.ts';
import { stopEverything } from './rig.ts';

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  codec: async () => (await import('./codec.ts')).codec,
  compile: async () => (await import('./compile.ts')).compile,
  join: async () => (await import('./join.ts')).join,
  push: async () => (await import('./push.ts')).push,
  port: async () => (await import('./port.ts')).port,
  cold: async () => (await import('./cold.ts')).cold,
  api: async () => (await import('./api.ts')).api,
  rare: async () => (await import('./rare.ts')).rare,
  services: async () => (await import('./services.ts')).services,
};

const DEFAULT_REPORT = 'bench-results.json';
const USAGE = `usage: npm run bench [-- ${Object.keys(BENCHES).join(' | ')} …] [--report FILE]`;

async function main(argv: readonly string[]): Promise<void> {
  const { report, names } = readArguments(argv);
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) {
    console.error(USAGE);
    process.exitCode = unknown.every(isHelp) ? 0 : 1;
    return;
  }

  const machine = await describeMachine();
  console.log(
    `${machine.cores} × ${machine.cpu}, Node ${machine.node}, OVS ${machine.openvswitch}`,
  );
  const results: Record<string, Figure[]> = {};
  for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
    console.log(`\n${name}`);
    const bench = await BENCHES[name]?.();
    results[name] = (await bench?.run((text) => console.log(`  … ${text}`))) ?? [];
    for (const figure of results[name]) console.log(formatFigure(figure));
  }
  await writeReport(report, machine, results);
  console.log(`\nwritten to ${report}`);
}

function readArguments(argv: readonly string[]): { report: string; names: string[] } {
  const at = argv.indexOf('--report');
  if (at < 0) return { report: DEFAULT_REPORT, names: [...argv] };
  return {
    report: argv[at + 1] ?? DEFAULT_REPORT,
    names: argv.filter((_, index) => index !== at && index !== at + 1),
  };
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

/** Rejects when somebody ends the program, so that what it has started is ended, too. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => reject(new Error(`ended by ${signal}`)));
  }
});

try {
  await Promise.race([main(process.argv.slice(2)), interrupted]);
} catch (error) {
  console.error(`bench: ${String(error)}`);
  process.exitCode = 1;
} finally {
  await stopEverything();
}
process.exit();
