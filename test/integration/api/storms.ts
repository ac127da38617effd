/** Requests at once, and what became of them: for tests of races on one controller and on two. */
import type { Answer, Controller } from './world.ts';

/** Waits until a controller's replica has what another has acknowledged. */
export async function caughtUp(behind: Controller, ahead: Controller): Promise<void> {
  const { revision } = ahead.topology;
  while (behind.topology.revision < revision) await new Promise(setImmediate);
}

export function storm(count: number, request: (at: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => request(at)));
}

export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, error } of answers) {
    const key = error ?? String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Two requests at once, the second a few turns of the event loop later: another order each round. */
export async function atOnce(
  turns: number,
  first: () => Promise<Answer>,
  second: () => Promise<Answer>,
): Promise<[Answer, Answer]> {
  const later = async (): Promise<Answer> => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
    return second();
  };
  return Promise.all([first(), later()]);
}
