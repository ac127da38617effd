/** Goal: a client goes on watching at any controller, from a revision that there is. */
import { expect, test } from 'vitest';
import { buildApp, noAuthentication } from '../../../src/api/index.ts';
import { nullLogger } from '../../../src/lib/log.ts';
import { systemRandom } from '../../../src/lib/system.ts';
import { stubBackend } from '../../support/stub-backend.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

test.each([
  ['another controller told of it first', 9, [9], 'So old a revision'],
  ['it was lost', 7, [], 'the present one is 7'],
])('a revision that is not here: %s', async (_, committed, watched, answer) => {
  const asked: number[] = [];
  let revision = 7;
  const operations = {
    health: () => ({ storeReachable: true, revision }),
    watch: (since: number) => void asked.push(since),
  };
  const catchUp = async (): Promise<void> => {
    revision = committed;
  };
  const backend = { ...stubBackend({}, operations), catchUp };
  const tools = { clock: new VirtualClock(), random: systemRandom, log: nullLogger };
  const app = buildApp({ backend, ...tools, authenticator: noAuthentication });
  const { statusCode, body } = await app.inject({ url: '/v1/events?since=9' });
  expect([statusCode, asked]).toEqual([410, watched]);
  expect(body).toContain(answer);
  await app.close();
});
