/**
 * Goal: a list as bytes is the JSON of the same object, however long it is and whatever it holds.
 * Method: parsed and compared; what is shown through a class as well as plain objects.
 */
import { expect, test } from 'vitest';
import { listBytes } from '../../../src/api/list-bytes.ts';
import { project } from '../../../src/api/listing.ts';
import { showing } from '../../../src/controller/neutron/shown.ts';
import { Topology } from '../../../src/topology/index.ts';

const item = (id: number) => ({ id, name: `ж${'x'.repeat(1000)}`, none: null });

test('a list longer than the room that is kept comes whole, and the next one after it', () => {
  for (const count of [0, 1, 300, 5000, 2]) {
    const items = Array.from({ length: count }, (_, id) => item(id));
    const links = [{ rel: 'next', href: 'http://localhost/?marker=x' }];
    const bytes = listBytes('ports', items, { ports_links: links });
    expect(JSON.parse(bytes.toString('utf8'))).toEqual({ ports: items, ports_links: links });
  }
});

test('an answer stays as it is while the next one is written', () => {
  const first = listBytes('ports', [item(1)], {});
  const text = first.toString('utf8');
  listBytes('networks', [item(2)], {});
  expect(first.toString('utf8')).toBe(text);
});

test('what a class shows is written, integers that a double does not count as well', () => {
  const show = showing<{ id: string }>({
    names: ['id', 'size', 'secret'],
    also: [],
    hidden: ['secret'],
    derive: () => ({ size: 2n ** 64n, secret: 's' }),
  });
  const viewer = (isAdmin: boolean) => ({
    topology: new Topology(),
    requester: { userId: 'u', projectId: 'p', isAdmin },
    dnsDomain: '',
  });
  const text = (isAdmin: boolean) =>
    listBytes('pools', [show({ id: 'a' }, viewer(isAdmin))], {}).toString('utf8');
  expect(text(false)).toBe('{"pools":[{"id":"a","size":18446744073709551616}]}');
  expect(text(true)).toBe('{"pools":[{"id":"a","size":18446744073709551616,"secret":"s"}]}');
  const fields = ['id', '__proto__', 'constructor', 'toString', 'secret'];
  expect(JSON.stringify(project(show({ id: 'a' }, viewer(false)), fields))).toBe('{"id":"a"}');
});
