/**
 * `npm run bench [-- NAME …] [--report FILE]`: measures, prints, and writes JSON. No pass or fail:
 * the machine is shared, so figures are read as ratios of one run.
 */
import { type Bench, describeMachine, type Figure, formatFigure, writeReport } from './report.ts';
import { stopEverything } from './rig.ts';

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  codec: async () => (await import('./codec.ts')).codec,
  compile: async () => (await import('./compile.ts')).compile,
  push: async () => (await import('./push.ts')).push,
  port: async () => (await import('./port.ts')).port,
  cold: async () => (await import('./cold.ts')).cold,
  rest: async () => (await import('./rest.ts')).rest,
};

async function main(argv: readonly string[]): Promise<void> {
  const reportAt = argv.indexOf('--report');
  const report = reportAt < 0 ? 'bench-results.json' : (argv[reportAt + 1] ?? 'bench-results.json');
  const asked = argv.filter((_, index) => index !== reportAt && index !== reportAt + 1);
  const names = reportAt < 0 ? argv : asked;
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) {
    throw new Error(
      `no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`,
    );
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
