/** Goal: a wait ends exactly when the last connected host is done. Method: a clock moved by hand. */
import { describe, expect, test } from 'vitest';
import { type HostProgress, Realization } from '../../../src/controller/realization.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

function world(hosts: HostProgress[], head = { revision: 9 }) {
  const clock = new VirtualClock();
  const looks = { count: 0 };
  const looked = (found: HostProgress[]): HostProgress[] => {
    looks.count += found.length;
    return found;
  };
  const realization = new Realization({
    clock,
    revision: () => head.revision,
    hosts: () => looked(hosts),
    host: (id) => looked(hosts.filter((one) => one.id === id))[0],
  });
  return { clock, looks, realization, signal: new AbortController().signal };
}

const host = (id: string, realizedRevision: number, connected = true): HostProgress => ({
  id,
  realizedRevision,
  connected,
});

test('a revision that all hosts have is realised at once', async () => {
  const { realization, signal } = world([host('a', 9), host('b', 9)]);
  expect(await realization.wait(9, 1000, signal)).toEqual({ realized: true, lagging: [] });
});

test('a host that is away delays nobody', async () => {
  const { realization, signal } = world([host('a', 9), host('b', 1, false)]);
  expect((await realization.wait(9, 1000, signal)).realized).toBe(true);
});

test('a revision that does not exist yet is not realised, even by no hosts at all', async () => {
  const { realization, signal } = world([]);
  expect(await realization.wait(10, 0, signal)).toEqual({ realized: false, lagging: [] });
});

test('a wait ends with the acknowledgement of the last host, and leaves no timer', async () => {
  const hosts = [host('a', 9), host('b', 8)];
  const { clock, realization, signal } = world(hosts);
  const waiting = realization.wait(9, 1000, signal);
  realization.progressed();
  expect(clock.pending).toBe(1);
  hosts[1] = host('b', 9);
  realization.progressed();
  expect(await waiting).toEqual({ realized: true, lagging: [] });
  expect(clock.pending).toBe(0);
});

test('an acknowledgement costs a look at its own host, however many are waited for', async () => {
  const hosts = Array.from({ length: 100 }, (_, index) => host(`h${index}`, 8));
  const { looks, realization, signal } = world(hosts);
  const waiting = realization.wait(9, 1000, signal);
  for (let index = 0; index < 100; index += 1) {
    hosts[index] = host(`h${index}`, 9);
    realization.hostProgressed(`h${index}`);
  }
  expect((await waiting).realized).toBe(true);
  // All at the beginning and at the end, and each once.
  expect(looks.count).toBe(300);
});

test('nobody waits for a revision that is lost, or takes it for another', async () => {
  const hosts = [host('a', 6), host('b', 9)];
  const head = { revision: 9 };
  const { clock, realization, signal } = world(hosts, head);
  realization.touched(8, new Set(['b']));
  const lost = realization.wait(9, 1000, signal);
  const kept = realization.wait(7, 1000, signal);
  hosts[0] = host('a', 0);
  head.revision = 7;
  realization.reset();
  expect(await lost).toEqual({ realized: false, lagging: ['a'] });
  // Another commit has its number now, of which it is not known which hosts it touches.
  head.revision = 8;
  const renewed = realization.waitTouched(8, 1000, signal);
  expect(clock.pending).toBe(2);
  hosts[0] = host('a', 8);
  realization.hostProgressed('a');
  expect(await Promise.all([kept, renewed])).toEqual([
    { realized: true, lagging: [] },
    { realized: true, lagging: [] },
  ]);
  expect(clock.pending).toBe(0);
});

test('a host that comes while others are waited for is waited for, too', async () => {
  const hosts = [host('a', 8)];
  const { realization, signal } = world(hosts);
  const waiting = realization.wait(9, 1000, signal);
  hosts.push(host('b', 8));
  hosts[0] = host('a', 9);
  realization.hostProgressed('a');
  hosts[1] = host('b', 8, false);
  realization.hostProgressed('b');
  expect(await waiting).toEqual({ realized: true, lagging: [] });
});

test('a wait that is over names the hosts that lag', async () => {
  const { clock, realization, signal } = world([host('a', 9), host('b', 8)]);
  const waiting = realization.wait(9, 1000, signal);
  clock.advance(1000);
  expect(await waiting).toEqual({ realized: false, lagging: ['b'] });
});

test('a wait that nobody listens to any more ends', async () => {
  const { clock, realization } = world([host('b', 8)]);
  const gone = new AbortController();
  const waiting = realization.wait(9, 1000, gone.signal);
  gone.abort();
  expect((await waiting).realized).toBe(false);
  expect(clock.pending).toBe(0);
});

describe('a wait for the hosts that a revision touched', () => {
  test('looks at no other host', async () => {
    const { realization, signal } = world([host('a', 9), host('b', 1)]);
    realization.touched(9, new Set(['a']));
    expect(await realization.waitTouched(9, 1000, signal)).toEqual({ realized: true, lagging: [] });
  });

  test('is over at once when there is none', async () => {
    const { realization, signal } = world([host('b', 1)]);
    realization.touched(9, new Set());
    expect(await realization.waitTouched(9, 1000, signal)).toEqual({ realized: true, lagging: [] });
  });

  test('ends with the last of them', async () => {
    const hosts = [host('a', 8), host('b', 1)];
    const { clock, realization, signal } = world(hosts);
    realization.touched(9, new Set(['a']));
    const waiting = realization.waitTouched(9, 1000, signal);
    expect(clock.pending).toBe(1);
    hosts[0] = host('a', 9);
    realization.progressed();
    expect((await waiting).realized).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('does not wait for those that are away, and names them', async () => {
    const hosts = [host('a', 8), host('b', 8, false)];
    const { realization, signal } = world(hosts);
    realization.touched(9, new Set(['a', 'b', 'gone']));
    const waiting = realization.waitTouched(9, 1000, signal);
    hosts[0] = host('a', 9);
    realization.hostProgressed('a');
    expect(await waiting).toEqual({ realized: false, lagging: ['b', 'gone'] });
  });

  test('is one for all hosts when so old a revision is not known any more', async () => {
    const { clock, realization, signal } = world([host('a', 3), host('b', 9)]);
    for (let revision = 1; revision <= 600; revision += 1) {
      realization.touched(revision, new Set(['b']));
    }
    const waiting = realization.waitTouched(5, 1000, signal);
    clock.advance(1000);
    expect(await waiting).toEqual({ realized: false, lagging: ['a'] });
  });
});
