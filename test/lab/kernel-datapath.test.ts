/**
 * Goal: what holds on the userspace datapath holds on that of the kernel, which fleets run: its own
 * tunnels, conntrack and meters take what Open vSwitch makes of our flows.
 * Method: two hosts on an emulated machine with a kernel of its own, the controller outside; what the
 * program there saw is judged here.
 */
import { describe, expect } from 'vitest';
import type { KernelReport } from '../../lab/machine/kernel-datapath.ts';
import { machineProblem, runOnMachine } from '../../lab/machine/machine.ts';
import { UPLINK_KBPS } from '../../lab/machine/promises.ts';
import { controlAddress, repositoryFile } from '../../lab/names.ts';
import { labTest, useLab } from '../support/lab.ts';

const API_PORT = 9696;
const CONTROLLER = 0xff01;
const MACHINE = 0xff10;
/** A quiet machine needs a quarter of it. */
const MACHINE_MS = 600_000;
const FAMILIES = ['ipv4', 'ipv6'] as const;

const problem = machineProblem();
if (problem !== undefined) {
  process.stderr.write(`NO KERNEL DATAPATH: ${problem}; this file is SKIPPED\n`);
}

describe.skipIf(problem !== undefined)('hosts with the datapath of the kernel', () => {
  let report: KernelReport;

  useLab(async (lab) => {
    const controller = await lab.addController({ index: CONTROLLER });
    await controller.start();
    const api = `${controlAddress(CONTROLLER)}:${API_PORT}`;
    const relay = repositoryFile('dist/lab/relay.js');
    const door = [String(API_PORT), controller.socket, controlAddress(CONTROLLER)];
    controller.namespace.background(['node', relay, ...door]);
    const program = repositoryFile('dist/lab/machine/kernel-datapath.js');
    const words = [api, controller.manager, controlAddress(MACHINE)];
    const run = await runOnMachine(lab, ['node', program, ...words], MACHINE_MS);
    process.stderr.write(run.stderr);
    if (run.exitCode !== 0) throw new Error(`the machine: ${run.exitCode}\n${run.console}`);
    report = JSON.parse(run.stdout) as KernelReport;
  }, MACHINE_MS + 60_000);

  labTest('have it, and it refuses nothing that ovs-vswitchd asks of it', () => {
    expect(report.datapaths.length).toBe(2);
    for (const shown of report.datapaths) expect(shown).toMatch(/^system@ovs-system/);
    expect(report.refusals).toEqual([]);
  });

  labTest('carry every VM to every other one, in both IP versions and at full size', () => {
    expect(report.unanswered).toEqual({ ipv4: [], ipv6: [] });
    expect(report.transferred).toEqual({ ipv4: true, ipv6: true });
  });

  labTest('let through what a rule allows, and cut it when the rule goes', () => {
    for (const family of FAMILIES) {
      const { before, ...others } = report.security[family];
      expect(before, family).toBeGreaterThan(0);
      expect(others, family).toEqual({ pinged: false, closed: 0, after: 0, answered: false });
    }
  });

  labTest('give a VM its address', () => {
    expect(report.dhcp.lease).toBe(report.dhcp.expected);
  });

  labTest('limit what a port sends', () => {
    expect(report.limited.came).toBeGreaterThan(report.limited.set * 0.9);
    expect(report.limited.came).toBeLessThan(report.limited.set * 1.1);
  });

  labTest('keep what a port is promised, and leave the rest to the others', () => {
    const seen = JSON.stringify(report.promised);
    expect(report.promised.map(({ set }) => set)).toEqual([750, 750, 500]);
    for (const { set, came, other } of report.promised) {
      expect(came, seen).toBeGreaterThan(set * 0.9);
      expect(came, seen).toBeLessThan(set * 1.1);
      expect(other, seen).toBeLessThan((UPLINK_KBPS - set) * 1.1);
    }
  });
});
