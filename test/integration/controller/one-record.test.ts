/**
 * Goal: what many write into one record at once, through whichever controller, is all there: nobody
 * overwrites what another has written, nothing acknowledged is lost, nothing refused is seen.
 * Method: clients put and take tags of their own on one network, so that commits stand on commits
 * that are under way; a controller and Redis are killed meanwhile. The seed is in the name.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { RestError } from '../../../lab/rest.ts';
import { ControllerProcess } from '../../support/controller-process.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { SeededRandom } from '../../support/world-random.ts';

const CLIENTS = 12;
const TAGS_EACH = 3;
const WRITES = 6_000;
const SEED = (Date.now() % 1_000_000) + 1;

let dir: string;
let redis: RedisServer;
let controllers: [ControllerProcess, ControllerProcess];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heddle-'));
  redis = await startRedis();
  const { path } = redis.address;
  controllers = [
    new ControllerProcess(dir, 'controller-0', path),
    new ControllerProcess(dir, 'controller-1', path),
  ];
  await Promise.all(controllers.map((controller) => controller.start()));
});

afterAll(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()));
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Whether a tag is there, as far as its only writer can tell: undefined after an unknown end. */
type Known = Map<string, boolean | undefined>;

interface Work {
  readonly network: string;
  readonly known: Known;
  writes: number;
}

/** One client: nobody else writes its tags. What one controller has done, the other knows of. */
async function run(index: number, random: SeededRandom, work: Work): Promise<void> {
  const names = Array.from({ length: TAGS_EACH }, (_, number) => `client-${index}-${number}`);
  while (work.writes < WRITES) {
    const controller = random.pick(controllers);
    const tag = random.pick(names);
    const isThere = work.known.get(tag);
    const wanted = isThere === undefined ? random.chance(0.5) : !isThere;
    const outcome = await write(controller, `/v2.0/networks/${work.network}/tags/${tag}`, wanted);
    if (outcome === 'nothing') {
      // The one that is never killed serves again once Redis does.
      await controllers[0].serves();
      continue;
    }
    work.writes += 1;
    // Only the writer can have taken it away: where it knew better, somebody else's write did.
    if (outcome === 'absent') expect([tag, isThere]).toEqual([tag, undefined]);
    work.known.set(tag, outcome === 'unknown' ? undefined : wanted);
  }
}

type Outcome = 'done' | 'absent' | 'nothing' | 'unknown';

async function write({ rest }: ControllerProcess, path: string, put: boolean): Promise<Outcome> {
  try {
    if (put) await rest.put(path, {});
    else await rest.delete(path);
    return 'done';
  } catch (error) {
    if (!(error instanceof RestError)) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ECONNREFUSED' || code === 'ENOENT' ? 'nothing' : 'unknown';
    }
    if (error.status === 404) return 'absent';
    if (error.status !== 503) throw error;
    return error.body.includes('nothing was changed') ? 'nothing' : 'unknown';
  }
}

test(`every write into one record is kept, by every replica (seed ${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  const [first, second] = controllers;
  const body = await first.rest.post<{ network: { id: string } }>('/v2.0/networks', {
    network: {},
  });
  const work: Work = { network: body.network.id, known: new Map(), writes: 0 };
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    run(index, new SeededRandom(random.integer(2 ** 31)), work),
  );
  const reaches = (share: number): Promise<unknown> =>
    until(() => work.writes >= WRITES * share, 'writes', 60_000);
  await reaches(0.1);
  await second.kill();
  await reaches(0.2);
  await second.start();
  await reaches(0.6);
  await redis.kill();
  await redis.start();
  const before = work.writes;
  await Promise.all(clients);
  expect(before).toBeLessThan(WRITES);

  // A last write through each: what it answers, every replica has seen by then.
  await Promise.all(controllers.map((controller) => controller.serves()));
  for (const { rest } of controllers) await rest.post('/v2.0/networks', { network: {} });
  for (const { rest } of controllers) {
    const { network } = await rest.get<{ network: { tags: string[] } }>(
      `/v2.0/networks/${work.network}`,
    );
    const unknown = [...work.known].filter(([, isThere]) => isThere === undefined);
    const doubtful = new Set(unknown.map(([tag]) => tag));
    const expected = [...work.known].filter(([, isThere]) => isThere).map(([tag]) => tag);
    const shown = network.tags.filter((tag) => !doubtful.has(tag));
    expect(shown.sort()).toEqual(expected.sort());
  }
}, 120_000);
