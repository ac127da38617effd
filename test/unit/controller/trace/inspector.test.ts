/**
 * Goal: a look at a host's switch is the owner's, whichever controller is asked; it fails in words,
 * and soon, when nobody owns the host.
 * Method: controllers joined by a bulletin in memory; a clock that the test moves.
 */
import { expect, test } from 'vitest';
import { Inspector, type Look } from '../../../../src/controller/trace/inspector.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const LOOK: Look = { pending: 3, tables: ['Output'], flows: new Map([['k1', 'missing']]) };

/** Controllers by name, with the hosts of each; what a look at a switch gives. */
function cluster(
  hosts: Readonly<Record<string, string[]>>,
  look: (hostId: string, keys: string[]) => Promise<Look> = async () => LOOK,
) {
  const clock = new VirtualClock();
  const ears = new Map<string, (message: object) => void>();
  const told: object[] = [];
  const join = ([name, owned]: [string, string[]]): [string, Inspector] => {
    const others = {
      publish: (message: object): void => {
        told.push(message);
        for (const [ear, hear] of ears) if (ear !== name) hear(message);
      },
      listen: (hear: (message: object) => void) => {
        ears.set(name, hear);
        return () => void ears.delete(name);
      },
    };
    const owns = (hostId: string): boolean => owned.includes(hostId);
    const lookAt = (hostId: string, keys: Iterable<string>) => look(hostId, [...keys]);
    const inspector = new Inspector({ clock, name, owns, look: lookAt, others });
    inspector.start();
    return [name, inspector];
  };
  const inspectors = new Map(Object.entries(hosts).map(join));
  const ask = (name: string, hostId: string, keys: string[] = ['k1', 'k2']) =>
    inspectors.get(name)?.look(hostId, keys);
  return { clock, ears, told, inspectors, ask };
}

test('a host of ours is asked, and nobody is told', async () => {
  const { ask, told } = cluster({ a: ['h1'], b: ['h2'] });
  expect(await ask('a', 'h1')).toEqual(LOOK);
  expect(told).toEqual([]);
});

test('the owner of another answers, with what it was asked for', async () => {
  const asked: unknown[] = [];
  const { ask, clock } = cluster({ a: ['h1'], b: ['h2'], c: [] }, async (...question) => {
    asked.push(question);
    return LOOK;
  });
  const looks = await Promise.all([ask('a', 'h2'), ask('c', 'h2', []), ask('c', 'h1')]);
  expect(looks).toEqual([LOOK, LOOK, LOOK]);
  expect(asked).toEqual([
    ['h2', ['k1', 'k2']],
    ['h2', []],
    ['h1', ['k1', 'k2']],
  ]);
  expect(clock.pending).toBe(0);
});

test('why the owner cannot say is passed on', async () => {
  const { ask } = cluster({ a: [], b: ['h2'] }, () => Promise.reject(new Error('it is away')));
  await expect(ask('a', 'h2')).rejects.toThrow('it is away');
});

test('nobody answers for a host that nobody owns, and that is known soon', async () => {
  const { ask, clock } = cluster({ a: [], b: ['h2'] });
  const look = ask('a', 'h3');
  clock.advance(500);
  await expect(look).rejects.toThrow('no controller that owns the host has answered');
});

test('an answer that comes too late, or to nobody, is passed over', async () => {
  let late: (look: Look) => void = () => {};
  const { ask, clock, ears } = cluster(
    { a: [], b: ['h2'] },
    () =>
      new Promise((resolve) => {
        late = resolve;
      }),
  );
  const look = ask('a', 'h2');
  clock.advance(500);
  await expect(look).rejects.toThrow();
  late(LOOK);
  ears.get('a')?.({ answer: 'never asked' });
  const waiting = Promise.resolve('still waiting');
  await expect(Promise.race([ask('a', 'h2'), waiting])).resolves.toBe('still waiting');
});

test('one that stops listens no more, and lets nobody wait', async () => {
  const { ask, clock, ears, inspectors } = cluster({ a: [], b: ['h2'] });
  const look = ask('a', 'h9');
  inspectors.get('a')?.stop();
  await expect(look).rejects.toThrow('this controller stops');
  expect([ears.has('a'), clock.pending]).toEqual([false, 0]);
});
