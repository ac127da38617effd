/**
 * `npm run demo [-- --keep] [-- --report FILE]`: two tenants on three hosts, from nothing to a
 * controller restart without loss, in one run that cleans up after itself.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type DemoReport, machine } from './demo/report.ts';
import { duration, Screen } from './demo/screen.ts';
import { Story } from './demo/story.ts';
import { Lab } from './lab.ts';
import { remains } from './takedown.ts';

const SIGNAL_EXIT = 130;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, report: { type: 'string' } },
  });
  if (process.getuid?.() !== 0) {
    console.error('demo: the lab makes network namespaces, which needs root; run it as root.');
    return 1;
  }
  const screen = new Screen();
  const started = performance.now();
  const startedAt = new Date().toISOString();
  screen.title('Heddle demo: tenant networks on real Open vSwitch hosts, on this one machine');
  const stopped = interruption();
  const lab = await Lab.up();
  const story = new Story(lab, screen);
  const outcome = await Promise.race([stopped, tell(story, screen)]);
  if (outcome === 'interrupted') {
    screen.title('Interrupted; the lab is taken down');
    await lab.down();
    return SIGNAL_EXIT;
  }
  if (values.keep) explainKept(lab, screen);
  else await takeDown(lab, screen, story);
  const passed = outcome === 'told' && screen.passed;
  const total = performance.now() - started;
  if (values.report !== undefined) {
    const report: DemoReport = {
      passed,
      started_at: startedAt,
      total_ms: total,
      machine: machine(),
      checks: screen.checks,
      ...story.figures,
    };
    writeFileSync(values.report, `${JSON.stringify(report, microseconds, 2)}\n`);
  }
  screen.title(`${passed ? 'All checks passed' : 'NOT all checks passed'}, ${duration(total)}`);
  return passed ? 0 : 1;
}

/** Times with more digits than a clock can give would only pretend. */
function microseconds(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value;
}

async function takeDown(lab: Lab, screen: Screen, story: Story): Promise<void> {
  screen.step('Take everything down');
  const started = performance.now();
  await lab.down();
  const left = await remains(lab.id);
  const leftOver = [
    ...left.namespaces,
    ...left.processes.map((pid) => `process ${pid}`),
    ...(left.dir === undefined ? [] : [left.dir]),
  ];
  story.figures.take_down_ms = performance.now() - started;
  story.figures.left_over = leftOver;
  const what =
    leftOver.length === 0 ? 'no process, namespace or file is left' : leftOver.join(', ');
  screen.check(`${what} (${duration(story.figures.take_down_ms)})`, leftOver.length === 0);
}

let interrupted = false;

async function tell(story: Story, screen: Screen): Promise<'told' | 'failed'> {
  try {
    await story.tell();
    return 'told';
  } catch (error) {
    // With the lab gone under it the story fails as well; nobody wants to read how.
    if (!interrupted) screen.failed(error);
    return 'failed';
  }
}

/** Resolves at the first Ctrl-C (or its like): the lab comes down before the program ends. */
function interruption(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // Not `once`: npm passes a signal on that we have had from the terminal already.
      process.on(signal, () => {
        interrupted = true;
        // Whatever the story was waiting for fails with the lab, in any order.
        process.on('unhandledRejection', () => {});
        resolve('interrupted');
      });
    }
  });
}

function explainKept(lab: Lab, screen: Screen): void {
  const controller = lab.controllers.get('ctl');
  const [host] = lab.hosts.values();
  const [vm] = lab.vms.values();
  if (controller === undefined || host === undefined || vm === undefined) return;
  const curl = `curl -s --unix-socket ${controller.socket}`;
  const management = `${host.ovs.dir}/br-int.mgmt`;
  screen.title(`Lab ${lab.id} stays up. What to try next:`);
  screen.plain(`  ${curl} http://heddle/v1/hosts
  ${curl} http://heddle/v2.0/ports
  ${curl} http://heddle/v2.0/networks -H 'content-type: application/json' \\
    -d '{"network": {"name": "mine"}}'
  ip netns exec ${vm.namespace.name} ping 10.0.0.12
  ovs-ofctl -O OpenFlow15 dump-flows unix:${management}
  ovs-vsctl --db=unix:${host.ovs.ovsdbSocket} show
  less ${controller.logFile}
  npm run lab -- down ${lab.id}`);
}

process.exit(await main());
