/**
 * The API as its clients feel it: one controller process, its private Redis with `appendfsync
 * always`, one network with a /16, one request after the other and eight at a time, from sending to
 * the last byte of the answer. Client, controller and Redis share the machine.
 *
 * Goals are multiples of what Neutron 21 (ML2/OVS, one worker) does on a machine like this: 3.8
 * POST/s, 53 GET/s, 6.3 lists of 300 a second, 6.3 PUT/s, 4.8 DELETE/s.
 */
import type { Rest } from '../lab/rest.ts';
import { BareProgram } from './bare-program.ts';
import type { Bench, Figure } from './report.ts';
import { quantile } from './report.ts';
import { ControllerProcess } from './rig.ts';

const CONCURRENCY = [1, 8] as const;
/** V8 goes on making code faster for some 5,000 requests: a controller that runs is past that. */
const WARM_UP = 5_000;
const WRITES = 2_000;
const READS = 4_000;
const LISTS = 400;
const LISTED = 300;
const MANY = 10_000;
const PAGE = 1_000;

export const api: Bench = {
  name: 'api',
  async run(note) {
    const controller = await ControllerProcess.start();
    const { rest } = controller;
    const few = await createNetwork(rest);
    await addPorts(rest, few, LISTED);
    const many = await createNetwork(rest);
    await addPorts(rest, many, MANY);
    const network = await createNetwork(rest);
    const run = new Run(rest, network);
    await run.warmUp(few);
    const figures: Figure[] = [];
    for (const concurrency of CONCURRENCY) {
      note(`${concurrency} at a time: POST, GET, PUT and DELETE of ports, a list of ${LISTED}`);
      figures.push(...(await run.measure(concurrency, few)));
    }
    note(`a list of ${MANY} in pages of ${PAGE}`);
    figures.push(...(await measurePages(rest, many)));
    await controller.stop();
    note('the same POST to a bare program');
    figures.push(...(await measureFloor()));
    return figures;
  },
};

class Run {
  readonly #rest: Rest;
  readonly #network: string;
  #ids: string[] = [];

  constructor(rest: Rest, network: string) {
    this.#rest = rest;
    this.#network = network;
  }

  async warmUp(listed: string): Promise<void> {
    await repeat(WARM_UP, 8, () => this.#create());
    await repeat(WARM_UP, 8, () => this.#change());
    await repeat(WARM_UP, 8, () => this.#delete());
    await repeat(LISTS, 1, () => this.#list(listed));
  }

  async measure(concurrency: number, listed: string): Promise<Figure[]> {
    return [
      ...figuresOf(
        `POST, ${concurrency} at a time`,
        await repeat(WRITES, concurrency, () => this.#create()),
        concurrency === 1 ? {} : { rate: 'at least 1,140', p99: 'at most 10' },
      ),
      ...figuresOf(
        `GET one, ${concurrency} at a time`,
        await repeat(READS, concurrency, () => this.#rest.bytes(this.#path(this.#ids[0] ?? ''))),
      ),
      ...figuresOf(
        `list of ${LISTED}, ${concurrency} at a time`,
        await repeat(LISTS, concurrency, () => this.#list(listed)),
        concurrency === 1 ? { p50: 'at most 3' } : {},
      ),
      ...figuresOf(
        `PUT, ${concurrency} at a time`,
        await repeat(WRITES, concurrency, () => this.#change()),
      ),
      ...figuresOf(
        `DELETE, ${concurrency} at a time`,
        await repeat(WRITES, concurrency, () => this.#delete()),
      ),
    ];
  }

  #list(network: string): Promise<Buffer> {
    return this.#rest.bytes(`/v2.0/ports?network_id=${network}`);
  }

  async #create(): Promise<void> {
    const body = { port: { network_id: this.#network } };
    const { port } = await this.#rest.post<{ port: { id: string } }>('/v2.0/ports', body);
    this.#ids.push(port.id);
  }

  /** Each port in its turn: clients do not all change the same one. */
  async #change(): Promise<void> {
    const id = this.#ids.shift() ?? '';
    this.#ids.push(id);
    await this.#rest.put(this.#path(id), { port: { name: `port ${performance.now()}` } });
  }

  async #delete(): Promise<void> {
    await this.#rest.delete(this.#path(this.#ids.pop() ?? ''));
  }

  #path(id: string): string {
    return `/v2.0/ports/${id}`;
  }
}

async function measureFloor(): Promise<Figure[]> {
  const program = await BareProgram.start();
  const post = () => program.post();
  await repeat(WARM_UP, 8, post);
  const figures: Figure[] = [];
  for (const concurrency of CONCURRENCY) {
    const timings = await repeat(WRITES, concurrency, post);
    figures.push(...figuresOf(`bare program: POST, ${concurrency} at a time`, timings));
  }
  await program.stop();
  return figures;
}

/** A network with a /16 to take addresses from; its id. */
export async function createNetwork(rest: Rest): Promise<string> {
  const { network } = await rest.post<{ network: { id: string } }>('/v2.0/networks', {
    network: { name: 'bench' },
  });
  await rest.post('/v2.0/subnets', {
    subnet: { network_id: network.id, ip_version: 4, cidr: '10.64.0.0/16' },
  });
  return network.id;
}

async function addPorts(rest: Rest, network_id: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += PAGE) {
    const ports = Array.from({ length: Math.min(PAGE, count - done) }, () => ({ network_id }));
    await rest.post('/v2.0/ports', { ports });
  }
}

async function measurePages(rest: Rest, network: string): Promise<Figure[]> {
  const pages: number[] = [];
  const start = performance.now();
  let path: string | undefined = `/v2.0/ports?network_id=${network}&limit=${PAGE}`;
  while (path !== undefined) {
    const begin = performance.now();
    const bytes = await rest.bytes(path);
    pages.push(performance.now() - begin);
    path = nextPage(bytes);
  }
  const name = `list of ${MANY} in pages of ${PAGE}`;
  return [
    { name: `${name}, all of it`, value: performance.now() - start, unit: 'ms' },
    { name: `${name}, a page, p50`, value: quantile(pages, 0.5), unit: 'ms' },
  ];
}

function nextPage(bytes: Buffer): string | undefined {
  const { ports_links } = JSON.parse(bytes.toString('utf8')) as {
    ports_links: { rel: string; href: string }[];
  };
  const href = ports_links.find(({ rel }) => rel === 'next')?.href;
  return href === undefined ? undefined : href.slice(new URL(href).origin.length);
}

interface Timings {
  readonly perSecond: number;
  readonly samples: readonly number[];
}

/** What people compare with. */
interface Goals {
  readonly rate?: string;
  readonly p50?: string;
  readonly p99?: string;
}

function figuresOf(name: string, { perSecond, samples }: Timings, goals: Goals = {}): Figure[] {
  const figure = (what: string, value: number, unit: string, goal: string | undefined) => ({
    name: `${name}${what}`,
    value,
    unit,
    ...(goal === undefined ? {} : { goal }),
  });
  return [
    figure('', perSecond, '/s', goals.rate),
    figure(', p50', quantile(samples, 0.5), 'ms', goals.p50),
    figure(', p99', quantile(samples, 0.99), 'ms', goals.p99),
  ];
}

async function repeat(
  count: number,
  concurrency: number,
  call: () => Promise<unknown>,
): Promise<Timings> {
  const samples: number[] = [];
  let begun = 0;
  const start = performance.now();
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const begin = performance.now();
      await call();
      samples.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { perSecond: (count * 1_000) / (performance.now() - start), samples };
}
