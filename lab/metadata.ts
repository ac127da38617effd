/** Metadata of servers: the service that controllers ask, and `curl` in VMs, which asks these. */
import type { ChildProcess } from 'node:child_process';
import { endChild } from './background.ts';
import type { Controller } from './controller.ts';
import { until } from './exec.ts';
import { repositoryFile } from './names.ts';
import type { Family } from './ping.ts';
import type { Vm } from './vm.ts';

const PORT = 8775;
const SECRET = 'lab-secret';

/** Settings of controllers that ask the service. */
export const METADATA_ENV = {
  HEDDLE_METADATA_URL: `http://127.0.0.1:${PORT}`,
  HEDDLE_METADATA_SECRET: SECRET,
} as const;

/** The service beside one controller. */
export class MetadataService {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start({ namespace }: Controller): Promise<MetadataService> {
    const program = repositoryFile('dist/lab/metadata-service.js');
    const child = namespace.background(['node', program, String(PORT), SECRET]);
    const url = `http://127.0.0.1:${PORT}/`;
    const answers = async () => (await namespace.tryExec(['curl', '-s', url])).exitCode === 0;
    await until(answers, 'the metadata service to answer');
    return new MetadataService(child);
  }

  stop(): Promise<void> {
    return endChild(this.#child, 'SIGKILL');
  }
}

const ADDRESSES: Readonly<Record<Family, string>> = {
  ipv4: '169.254.169.254',
  ipv6: '[fe80::a9fe:a9fe%25eth0]',
};

export interface MetadataAnswer {
  /** 0: curl got none. */
  readonly status: number;
  readonly body: string;
  /** Of curl (curl(1)): 0 is a whole answer, 7 a refused connection, 28 none in time. */
  readonly exitCode: number | null;
  readonly ms: number;
}

export interface MetadataQuestion {
  /** Default IPv4. */
  readonly family?: Family;
  readonly timeoutS?: number;
  /** More words for curl. */
  readonly words?: readonly string[];
}

/** Asks from inside a VM. */
export async function askMetadata(
  vm: Vm,
  path: string,
  { family = 'ipv4', timeoutS = 20, words = [] }: MetadataQuestion = {},
): Promise<MetadataAnswer> {
  const options = ['-s', '-g', '--max-time', String(timeoutS), '-w', '\n%{http_code}', ...words];
  const began = performance.now();
  const { stdout, exitCode } = await vm.run([
    'curl',
    ...options,
    `http://${ADDRESSES[family]}${path}`,
  ]);
  const end = stdout.lastIndexOf('\n');
  const [body, status] = [stdout.slice(0, end), Number(stdout.slice(end + 1))];
  return { status, body, exitCode, ms: performance.now() - began };
}

/** For a VM that is given its address by hand: DHCP would say it. */
export async function addMetadataRoute(vm: Vm): Promise<void> {
  await vm.namespace.ip('route add 169.254.169.254 dev eth0');
}
