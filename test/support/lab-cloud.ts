/** A lab with a controller and enrolled hosts, for one test file. */
import { Cloud } from '../../lab/cloud.ts';
import type { Host } from '../../lab/host.ts';
import type { Vm } from '../../lab/vm.ts';
import { useLab } from './lab.ts';

export interface CloudOptions {
  readonly hosts: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the cloud and what `build` makes on it before the tests, and takes it down after them. */
export function useCloud(
  options: CloudOptions,
  build: (cloud: Cloud, hosts: readonly Host[]) => Promise<void>,
): void {
  useLab(async (lab) => {
    const cloud = await Cloud.up(lab, options.hosts, options.env);
    await build(cloud, [...lab.hosts.values()]);
  });
}

/** The host of that position; a test that names one too many is wrong. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`nothing at position ${index}`);
  return found;
}

/** Who sends to whom when `from` is honest. */
export function honest(
  from: Vm,
  to: Vm,
  family: 'ipv4' | 'ipv6' = 'ipv4',
): { source: string; destination: string; sourceIp: string; destinationIp: string } {
  return {
    source: from.mac,
    destination: to.mac,
    sourceIp: from.address(family),
    destinationIp: to.address(family),
  };
}
