/**
 * Goal: three controllers on one Redis are one store: what exists once exists once at every moment,
 * nothing acknowledged is lost, nothing refused is seen, all replicas are the same, whatever dies.
 * Method: processes under concurrent random clients that want the same VNIs and addresses; one is
 * killed and started again half-way, and so is Redis; then every history is judged (linearizability)
 * and compared with what each replica holds. The seed is in the name of the test.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/exec.ts';
import { RestError } from '../../../lab/rest.ts';
import { ControllerProcess } from '../../support/controller-process.ts';
import { finalOwners, type Operation } from '../../support/linearizability.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { SeededRandom } from '../../support/world-random.ts';

const CONTROLLERS = 3;
const CLIENTS = 12;
const OPERATIONS = 1_500;
/** Few things that many want. */
const VNIS = 8;
const ADDRESSES = 8;
const SEED = (Date.now() % 1_000_000) + 1;

let dir: string;
let redis: RedisServer;
let controllers: ControllerProcess[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heddle-'));
  redis = await startRedis();
  const names = Array.from({ length: CONTROLLERS }, (_, index) => `controller-${index}`);
  controllers = names.map((name) => new ControllerProcess(dir, name, redis.address.path));
  await Promise.all(controllers.map((controller) => controller.start()));
});

afterAll(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()));
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
});

interface Thing {
  /** What is claimed: `vni/3`, `address/10.0.0.5`. */
  readonly claim: string;
  readonly path: 'networks' | 'ports';
  readonly body: (network: string) => Record<string, unknown>;
}

const things: Thing[] = [
  ...Array.from(
    { length: VNIS },
    (_, n): Thing => ({
      claim: `vni/${n + 1}`,
      path: 'networks',
      body: () => ({ network: { 'provider:segmentation_id': n + 1 } }),
    }),
  ),
  ...Array.from(
    { length: ADDRESSES },
    (_, n): Thing => ({
      claim: `address/10.0.0.${n + 10}`,
      path: 'ports',
      body: (network_id) => ({
        port: { network_id, fixed_ips: [{ ip_address: `10.0.0.${n + 10}` }] },
      }),
    }),
  ),
];

class Witness {
  readonly histories = new Map<string, Operation[]>(things.map(({ claim }) => [claim, []]));
  /** Addresses that were chosen by a controller, with the ports that were given them. */
  readonly chosen: { readonly port: string; readonly address: string }[] = [];
  count = 0;

  /** Watches one call and notes what it was told; false when it was told that nothing was done. */
  async watch(
    claim: string,
    kind: Operation['kind'],
    call: () => Promise<{ owner: string; outcome: Outcome }>,
  ): Promise<boolean> {
    const start = performance.now();
    const { owner, outcome } = await call();
    if (outcome === 'nothing') return false;
    const end = outcome === 'unknown' ? Infinity : performance.now();
    this.histories.get(claim)?.push({ kind, owner, start, end, outcome });
    this.count += 1;
    return true;
  }
}

/** `nothing`: the call certainly had no effect, because nobody was there to serve it. */
type Outcome = Operation['outcome'] | 'nothing';

/** What a failed call means: a refusal, nothing at all, or that nobody knows. */
function outcomeOf(error: unknown, refusal: 'taken' | 'absent'): Outcome {
  if (!(error instanceof RestError)) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED' || code === 'ENOENT' ? 'nothing' : 'unknown';
  }
  if (error.status === (refusal === 'taken' ? 409 : 404)) return refusal;
  if (error.status !== 503) throw error;
  return error.body.includes('nothing was changed') ? 'nothing' : 'unknown';
}

/** Apart, because an address that a controller chose is nobody's to ask for. */
interface Networks {
  readonly named: string;
  readonly chosen: string;
}

async function addNetwork({ rest }: ControllerProcess, cidr: string): Promise<string> {
  const network_id = idOf(await rest.post('/v2.0/networks', { network: {} }));
  const subnet = { network_id, ip_version: 4, cidr, gateway_ip: null };
  await rest.post('/v2.0/subnets', { subnet });
  return network_id;
}

/** One client: makes and frees things through one controller, whatever happens to it. */
async function run(
  random: SeededRandom,
  controller: ControllerProcess,
  { witness, networks }: { witness: Witness; networks: Networks },
): Promise<void> {
  const { rest } = controller;
  const own: { thing: Thing; id: string }[] = [];
  while (witness.count < OPERATIONS) {
    const mine = own.length > 0 && random.chance(0.5) ? own.pop() : undefined;
    if (mine !== undefined) {
      const { thing, id } = mine;
      const served = await witness.watch(thing.claim, 'free', async () => {
        const outcome = await rest.delete(`/v2.0/${thing.path}/${id}`).then(
          () => 'freed' as const,
          (error: unknown) => outcomeOf(error, 'absent'),
        );
        return { owner: id, outcome };
      });
      if (!served) {
        own.push(mine);
        await controller.serves();
      }
    } else if (random.chance(0.2)) {
      if (!(await choose(rest, networks.chosen, witness))) await controller.serves();
    } else {
      const thing = random.pick(things);
      const served = await witness.watch(thing.claim, 'make', async () => {
        try {
          const id = idOf(await rest.post(`/v2.0/${thing.path}`, thing.body(networks.named)));
          own.push({ thing, id });
          return { owner: id, outcome: 'made' };
        } catch (error) {
          return { owner: `?${random.uuid()}`, outcome: outcomeOf(error, 'taken') };
        }
      });
      if (!served) await controller.serves();
    }
  }
}

/** A port whose address the controller chooses; false when nobody was there to do it. */
async function choose(
  rest: ControllerProcess['rest'],
  network: string,
  witness: Witness,
): Promise<boolean> {
  try {
    const { port } = await rest.post<{ port: PortView }>('/v2.0/ports', {
      port: { network_id: network },
    });
    witness.chosen.push({ port: port.id, address: port.fixed_ips[0]?.ip_address ?? '' });
  } catch (error) {
    const outcome = outcomeOf(error, 'taken');
    if (outcome === 'nothing') return false;
    if (outcome !== 'unknown') throw error;
  }
  witness.count += 1;
  return true;
}

interface PortView {
  readonly id: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

function idOf(body: Readonly<Record<string, unknown>>): string {
  const [resource] = Object.values(body) as { id: string }[];
  return resource?.id ?? '';
}

async function stateOf({ rest }: ControllerProcess): Promise<Map<string, string>> {
  const { networks } = await rest.get<{ networks: Record<string, string>[] }>('/v2.0/networks');
  const { ports } = await rest.get<{ ports: PortView[] }>('/v2.0/ports');
  const owners = new Map<string, string>();
  const put = (claim: string, id: string): void => {
    // Two owners at once are two lines in the difference.
    owners.set(owners.has(claim) ? `${claim} again` : claim, id);
  };
  for (const network of networks) {
    put(`vni/${network['provider:segmentation_id']}`, network['id'] ?? '');
  }
  for (const port of ports) {
    for (const { ip_address } of port.fixed_ips) put(`address/${ip_address}`, port.id);
  }
  return owners;
}

test(`every history is explained, and every replica agrees (seed ${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  const [first, second] = controllers as [ControllerProcess, ControllerProcess];
  const networks = {
    named: await addNetwork(first, '10.0.0.0/16'),
    chosen: await addNetwork(first, '10.1.0.0/16'),
  };
  const witness = new Witness();
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    run(new SeededRandom(random.integer(2 ** 31)), controllers[index % CONTROLLERS] as never, {
      witness,
      networks,
    }),
  );
  const reaches = (share: number) =>
    until(() => witness.count >= OPERATIONS * share, 'operations', 60_000);
  await reaches(0.2);
  await second.kill();
  await reaches(0.35);
  await second.start();
  await reaches(0.5);
  await redis.kill();
  await redis.start();
  await reaches(0.75);
  await Promise.all([second.kill(), redis.kill()]);
  await redis.start();
  await second.start();
  await Promise.all(clients);

  // A last write through each: what it answers, every replica has seen by then.
  const writes = controllers.map(({ rest }) => rest.post('/v2.0/networks', { network: {} }));
  await Promise.all(writes);
  const states = await settled();
  for (const state of states) expect(state).toEqual(states[0]);
  expect([...(states[0]?.keys() ?? [])].filter((claim) => claim.endsWith(' again'))).toEqual([]);

  for (const [claim, history] of witness.histories) {
    const finals = finalOwners(history);
    expect([claim, finals.size > 0 ? 'explained' : history]).toEqual([claim, 'explained']);
    const owner = states[0]?.get(claim);
    const known = [...finals].some(
      (final) => final === owner || (final?.startsWith('?') === true && owner !== undefined),
    );
    expect([claim, owner, known]).toEqual([claim, owner, true]);
  }
  for (const { port, address } of witness.chosen) {
    expect(states[0]?.get(`address/${address}`)).toBe(port);
  }
  const outcomes = [...witness.histories.values()].flat().map(({ outcome }) => outcome);
  for (const outcome of ['made', 'taken', 'freed', 'unknown']) expect(outcomes).toContain(outcome);
}, 180_000);

/** The states of all replicas once they have come to the same revision. */
async function settled(): Promise<Map<string, string>[]> {
  const revisions = () =>
    Promise.all(controllers.map(({ rest }) => rest.get<{ revision: number }>('/v1/health'))).then(
      (list) => new Set(list.map(({ revision }) => revision)),
    );
  await until(async () => (await revisions()).size === 1, 'the replicas to agree');
  return Promise.all(controllers.map(stateOf));
}
