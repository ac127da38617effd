/**
 * Goal: a commit that is lost to others is tried again: at once while there is another choice, and
 * with a pause where there is none. One that could only be lost to another of ours stands on it, or
 * waits for it.
 * Method: a store that refuses what it is told to, and a clock that only the test moves.
 */
import { expect, test } from 'vitest';
import { securityGroup } from '../../../../lab/records.ts';
import { tablesOf } from '../../../../lab/topology.ts';
import { commitDraft } from '../../../../src/controller/neutron/context.ts';
import { NO_QUOTAS } from '../../../../src/controller/neutron/quotas.ts';
import { Reservations } from '../../../../src/controller/neutron/reservations.ts';
import { Turns } from '../../../../src/controller/neutron/turns.ts';
import { UnderWay } from '../../../../src/controller/neutron/under-way.ts';
import { systemRandom as random } from '../../../../src/lib/system.ts';
import {
  ClaimTakenError,
  type CommitRequest,
  StaleError,
  StoreUnavailableError,
} from '../../../../src/store/index.ts';
import {
  IntentError,
  intentError,
  recordKey,
  type SecurityGroup,
  Topology,
} from '../../../../src/topology/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const requester = { userId: 'u', projectId: 'tenant', isAdmin: false };
const settle = () => new Promise(setImmediate);

test('a claim that has no alternative is not asked for again before the replica can know', async () => {
  const clock = new VirtualClock();
  let commits = 0;
  const context = {
    topology: new Topology(),
    store: {
      commit: async () => {
        commits += 1;
        if (commits < 4) throw new ClaimTakenError('default-sg/tenant', 'another');
        return 9;
      },
      catchUp: async () => {},
    },
    clock,
    random,
    quotaDefaults: NO_QUOTAS,
    dnsDomain: '',
    reservations: new Reservations(),
    turns: new Turns(),
    underWay: new UnderWay(),
  };

  const done = commitDraft(context, requester, (draft) => {
    draft.put('security_group', 'g', securityGroup('g', 1, { is_default: true }));
    return () => 'made';
  });
  await settle();
  expect(commits).toBe(2);
  clock.advance(2);
  await settle();
  expect(commits).toBe(3);
  clock.advance(4);
  expect(await done).toEqual({ revision: 9, value: 'made' });
  expect(context.reservations.has('default-sg/tenant')).toBe(false);
});

/** A group, and a store that answers when it is told to: as Redis does, in order. */
class Scene {
  readonly key = recordKey('security_group', 'g');
  readonly group = securityGroup('g', 1, { description: '' });
  readonly sent: CommitRequest[] = [];
  readonly #answers: ((refusal?: Error) => void)[] = [];
  readonly #topology = new Topology();
  readonly context = {
    topology: this.#topology,
    store: {
      commit: (request: CommitRequest) => this.#take(request),
      catchUp: async () => {},
    },
    clock: new VirtualClock(),
    random,
    quotaDefaults: NO_QUOTAS,
    dnsDomain: '',
    reservations: new Reservations(),
    turns: new Turns(),
    underWay: new UnderWay(),
  };

  constructor() {
    this.#topology.load(1, tablesOf([[this.key, this.group]]));
  }

  /** As what the commits sent so far expect the group: at a revision, or as a letter left it. */
  get expected(): unknown[] {
    const letters = new Map(this.sent.map(({ id, put }) => [id, put.get(this.key)]));
    return this.sent.map(({ expect: versions }) => {
      const version = versions?.get(this.key);
      if (typeof version !== 'string') return version;
      return (letters.get(version) as SecurityGroup | undefined)?.description;
    });
  }

  get description(): string | undefined {
    return this.#topology.get('security_group', 'g')?.description;
  }

  append(letter: string): Promise<unknown> {
    return commitDraft(this.context, requester, (draft) => {
      const { description } = draft.topology.get('security_group', 'g') ?? this.group;
      draft.put('security_group', 'g', { ...this.group, description: description + letter });
      return () => letter;
    });
  }

  /** Answers the oldest commit. */
  async answer(refusal?: Error): Promise<void> {
    this.#answers.shift()?.(refusal);
    await settle();
  }

  #take({ put, ...rest }: CommitRequest): Promise<number> {
    this.sent.push({ put, ...rest });
    return new Promise((resolve, reject) => {
      this.#answers.push((refusal) => {
        if (refusal !== undefined) return reject(refusal);
        const revision = this.#topology.revision + 1;
        const puts = [...put].map(([key, value]) => ({ key, value }));
        this.#topology.apply({ revision, at: '', puts, deletes: [] });
        resolve(revision);
      });
    });
  }
}

test('writes of one record go to the store together, each on what the last will leave', async () => {
  const scene = new Scene();
  const done = Promise.all(['a', 'b', 'c'].map((letter) => scene.append(letter)));
  await settle();
  expect(scene.expected).toEqual([1, 'a', 'ab']);
  for (const _ of scene.expected) await scene.answer();
  expect(await done).toMatchObject([{ revision: 2 }, { revision: 3 }, { revision: 4 }]);
  expect(scene.description).toBe('abc');
});

test('what stands on a commit that is refused is written anew', async () => {
  const scene = new Scene();
  const done = Promise.all(['a', 'b'].map((letter) => scene.append(letter)));
  await settle();
  await scene.answer(new StaleError(scene.key));
  await scene.answer(new StaleError(scene.key));
  scene.context.clock.advance(2);
  await settle();
  expect(scene.expected).toEqual([1, 'a', 1]);
  await scene.answer();
  scene.context.clock.advance(2);
  await settle();
  await scene.answer();
  await done;
  expect(scene.description).toBe('ab');
});

test.each([
  ['refused', 'b'],
  ['nothing to do', ''],
])('what would be %s after a commit under way waits for its end', async (_, letter) => {
  const scene = new Scene();
  const first = scene.append('a').catch((error: unknown) => error);
  const second = commitDraft(scene.context, requester, (draft) => {
    const { description } = draft.topology.get('security_group', 'g') ?? scene.group;
    if (description === 'a' && letter === 'b') throw intentError('ConcurrentUpdate', {});
    if (description === 'a') return () => 'nothing';
    draft.put('security_group', 'g', { ...scene.group, description: `${description}b` });
    return () => 'written';
  });
  await settle();
  expect(scene.sent).toHaveLength(1);
  await scene.answer(new StoreUnavailableError('gone'));
  expect(await first).toBeInstanceOf(IntentError);
  expect(scene.expected).toEqual([1, 1]);
  await scene.answer();
  expect(await second).toEqual({ revision: 2, value: 'written' });
});

test('no more than a few drafts stand on each other; who comes later waits', async () => {
  const scene = new Scene();
  const letters = Array.from({ length: 12 }, () => 'x');
  const done = Promise.all(letters.map((letter) => scene.append(letter)));
  await settle();
  expect(scene.sent).toHaveLength(8);
  for (const _ of letters) await scene.answer();
  await done;
  expect(scene.description).toHaveLength(letters.length);
});
