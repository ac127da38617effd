/**
 * Goal: what a list says of a resource is what the resource is now, for whoever asks.
 * Method: the kept text of a record against its JSON, while the record and what is derived change.
 */
import { expect, test } from 'vitest';
import type { Requester } from '../../../../src/controller/neutron/requester.ts';
import type { View, Viewer } from '../../../../src/controller/neutron/resource-type.ts';
import { showing } from '../../../../src/controller/neutron/shown.ts';
import { jsonText } from '../../../../src/lib/json-text.ts';

let status = 'DOWN';
let derivedTimes = 0;

const show = showing<View>({
  names: ['id', 'name', 'status', 'host', 'pool'],
  also: ['parent_id'],
  hidden: ['host'],
  derive: () => {
    derivedTimes += 1;
    return { status, name: 'derived', unknown: 'never shown' };
  },
});

test('a record says the same as text and as an object, to each viewer', () => {
  const record = { id: '1', name: 'web', host: 'host-a', parent_id: '7' };
  for (const who of [viewer(true), viewer(false), viewer(true)]) {
    for (status of ['DOWN', 'ACTIVE']) {
      const view = show(record, who);
      expect(JSON.parse(jsonText(view))).toEqual(JSON.parse(JSON.stringify(view)));
      expect(JSON.parse(jsonText(view))).toMatchObject({ id: '1', name: 'web', status });
      expect('host' in JSON.parse(jsonText(view))).toBe(who.requester.isAdmin);
    }
  }
});

test('a record that replaces another is read anew', () => {
  const before = { id: '1', name: 'before' };
  expect(said(before)['name']).toBe('before');
  expect(said({ ...before, name: 'after' })['name']).toBe('after');
  expect(said(before)['name']).toBe('before');
});

test('what is not stored is derived; nothing at all is an empty object', () => {
  status = 'DOWN';
  expect(said({})).toEqual({ name: 'derived', status: 'DOWN' });
  const none = showing<View>({ names: ['id'], also: [], hidden: [], derive: () => ({}) });
  expect(jsonText(none({}, viewer(true)))).toBe('{}');
  expect(jsonText(none({ id: 'x' }, viewer(true)))).toBe('{"id":"x"}');
});

test('neighbours in a list that derive the same, and others, each say their own', () => {
  const told = ['DOWN', 'DOWN', 'ACTIVE', 'DOWN'].map((each) => {
    status = each;
    return [said({ id: each })['status'], said({ id: '1', name: 'own' })['name']];
  });
  expect(told).toEqual(['DOWN', 'DOWN', 'ACTIVE', 'DOWN'].map((each) => [each, 'own']));
  expect(said({ id: '2' })['name']).toBe('derived');
});

test('what follows from the record alone is shown like the rest, and written once', () => {
  let times = 0;
  const showPort = showing<View>({
    names: ['id', 'owner', 'tenant', 'status'],
    also: [],
    hidden: [],
    derive: () => ({ status }),
    follow: ({ owner }) => {
      times += 1;
      return { tenant: owner };
    },
  });
  status = 'DOWN';
  const record = { id: '1', owner: 'blue' };
  const expected = { ...record, tenant: 'blue', status };
  const written = () => JSON.parse(jsonText(showPort(record, viewer(true))));
  expect([written(), written(), times]).toEqual([expected, expected, 1]);
  expect(JSON.parse(JSON.stringify(showPort(record, viewer(true))))).toEqual(expected);
  expect(showPort(record, viewer(true))['tenant']).toBe('blue');
});

test('integers that a double does not hold are written whole', () => {
  expect(jsonText(show({ pool: 2n ** 64n }, viewer(true)))).toContain(
    '"pool":18446744073709551616',
  );
});

test('what is derived is derived once for a view', () => {
  derivedTimes = 0;
  const view = show({ id: '1' }, viewer(true));
  expect([view['status'], jsonText(view).length > 0, derivedTimes]).toEqual(['DOWN', true, 1]);
});

function said(record: View): View {
  return JSON.parse(jsonText(show(record, viewer(true)))) as View;
}

function viewer(isAdmin: boolean): Viewer {
  return { requester: { isAdmin } as Requester } as Viewer;
}
