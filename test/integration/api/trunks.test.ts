/**
 * Goal: trunks are made, shown, extended, reduced and deleted as Neutron does it, and their ports
 * know it and stay.
 * Method: the HTTP application over a real Redis; an authenticator that believes a header.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf, type Who } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
let net: string;
const ABSENT = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
  net = (await heddle.make('network')).id;
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const as = (who: Who) => callsOf(() => heddle, who);
const admin = () => as('admin');
const vlan = (port_id: string, segmentation_id: number) => ({
  port_id,
  segmentation_type: 'vlan',
  segmentation_id,
});

const port = async (attributes: object = {}): Promise<string> =>
  (await heddle.make('port', { network_id: net, ...attributes })).id;

const ports = (count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => port()));

const trunk = (port_id: string, ...sub_ports: object[]) =>
  heddle.make('trunk', { port_id, sub_ports });

const portOf = async (id: string) => (await admin().get(`ports/${id}`)).body.port;

describe('a trunk', () => {
  test('is made with its subports, found, shown, changed and deleted', async () => {
    const [parent = '', one = '', two = ''] = await ports(3);
    const made = await trunk(parent, vlan(one, 11), vlan(two, 12));
    expect(made).toMatchObject({
      name: '',
      description: '',
      admin_state_up: true,
      status: 'DOWN',
      port_id: parent,
      sub_ports: [vlan(one, 11), vlan(two, 12)],
      project_id: 'admin',
      tenant_id: 'admin',
      tags: [],
      revision_number: 1,
    });
    expect((await admin().get(`trunks?port_id=${parent}`)).body.trunks).toEqual([made]);
    expect((await admin().get(`trunks?port_id=${one}`)).body.trunks).toEqual([]);
    const changed = await admin().put(`trunks/${made.id}`, { trunk: { name: 'n' } });
    expect(changed.body.trunk).toMatchObject({ name: 'n', revision_number: 2 });
    await admin().put(`trunks/${made.id}/tags`, { tags: ['x'] });
    expect((await admin().get('trunks?tags=x')).body.trunks).toHaveLength(1);
    expect((await admin().delete(`trunks/${made.id}`)).status).toBe(204);
    expect(await admin().get(`trunks/${made.id}`)).toMatchObject({
      status: 404,
      error: 'TrunkNotFound',
    });
    for (const id of [parent, one, two]) {
      expect((await admin().delete(`ports/${id}`)).status).toBe(204);
    }
  });

  test('is told by its ports', async () => {
    const [parent = '', one = '', two = ''] = await ports(3);
    expect(await portOf(parent)).not.toHaveProperty('trunk_details');
    const { id } = await trunk(parent, vlan(one, 11));
    const { mac_address } = await portOf(one);
    const trunk_details = { trunk_id: id, sub_ports: [{ ...vlan(one, 11), mac_address }] };
    expect(await portOf(parent)).toMatchObject({ device_owner: '', trunk_details });
    const listed = (await admin().get(`ports?id=${parent}`)).body.ports[0];
    expect(listed.trunk_details).toEqual(trunk_details);
    expect(await portOf(one)).toMatchObject({ device_owner: 'trunk:subport', revision_number: 2 });
    expect(await portOf(one)).not.toHaveProperty('trunk_details');
    await admin().put(`trunks/${id}/add_subports`, { sub_ports: [vlan(two, 12)] });
    expect((await portOf(two)).device_owner).toBe('trunk:subport');
    await admin().put(`trunks/${id}/remove_subports`, { sub_ports: [{ port_id: one }] });
    expect((await portOf(one)).device_owner).toBe('');
    await admin().delete(`trunks/${id}`);
    expect((await portOf(two)).device_owner).toBe('');
  });

  test('gets and loses subports, and answers with itself', async () => {
    const [parent = '', one = '', two = ''] = await ports(3);
    const { id } = await trunk(parent);
    const path = `trunks/${id}`;
    const more = await admin().put(`${path}/add_subports`, {
      sub_ports: [vlan(one, 11), vlan(two, 12)],
    });
    expect(more).toMatchObject({
      status: 200,
      body: { id, sub_ports: [vlan(one, 11), vlan(two, 12)], revision_number: 2, status: 'DOWN' },
    });
    expect((await admin().get(`${path}/get_subports`)).body).toEqual({
      sub_ports: [vlan(one, 11), vlan(two, 12)],
    });
    const less = await admin().put(`${path}/remove_subports`, { sub_ports: [vlan(one, 11)] });
    expect(less.body).toMatchObject({ sub_ports: [vlan(two, 12)], revision_number: 3 });
    // The freed port and tag may be had again.
    const again = await admin().put(`${path}/add_subports`, { sub_ports: [vlan(one, 11)] });
    expect(again.body.sub_ports).toEqual([vlan(two, 12), vlan(one, 11)]);
  });

  test('keeps its ports', async () => {
    const [parent = '', one = ''] = await ports(2);
    const { id } = await trunk(parent, vlan(one, 11));
    expect(await admin().delete(`ports/${parent}`)).toMatchObject({
      status: 409,
      error: 'PortInUseAsTrunkParent',
    });
    expect(await admin().delete(`ports/${one}`)).toMatchObject({
      status: 409,
      error: 'PortInUseAsSubPort',
    });
    await admin().put(`trunks/${id}/remove_subports`, { sub_ports: [{ port_id: one }] });
    expect((await admin().delete(`ports/${one}`)).status).toBe(204);
  });

  test('that is down stays as it is', async () => {
    const [parent = '', one = '', two = ''] = await ports(3);
    const { id } = await trunk(parent, vlan(one, 11));
    const path = `trunks/${id}`;
    await admin().put(path, { trunk: { admin_state_up: false } });
    const attempts = [
      await admin().put(`${path}/add_subports`, { sub_ports: [vlan(two, 12)] }),
      await admin().put(`${path}/remove_subports`, { sub_ports: [{ port_id: one }] }),
      await admin().delete(path),
    ];
    for (const answer of attempts) {
      expect([answer.status, answer.error]).toEqual([409, 'TrunkDisabled']);
    }
    await admin().put(path, { trunk: { admin_state_up: true } });
    expect((await admin().delete(path)).status).toBe(204);
  });

  test('is made together with others, or not at all', async () => {
    const [a = '', b = '', c = ''] = await ports(3);
    const bulk = (second: string) => ({
      trunks: [{ port_id: a, sub_ports: [vlan(c, 1)] }, { port_id: second }],
    });
    expect((await admin().post('trunks', bulk(a))).error).toBe('ParentPortInUse');
    expect((await admin().post('trunks', bulk(c))).error).toBe('TrunkPortInUse');
    expect((await portOf(c)).device_owner).toBe('');
    expect((await admin().post('trunks', bulk(b))).body.trunks).toHaveLength(2);
  });

  test('counts on a quota', async () => {
    const [one = '', two = ''] = await ports(2);
    await admin().put('quotas/tina', { quota: { trunk: 1 } });
    const make = (port_id: string) =>
      admin().post('trunks', { trunk: { port_id, project_id: 'tina' } });
    expect((await make(one)).status).toBe(201);
    expect(await make(two)).toMatchObject({ status: 409, error: 'OverQuota' });
  });
});

describe('a request about a trunk', () => {
  test.each<[string, object, number, string]>([
    ['no parent', {}, 400, 'HTTPBadRequest'],
    ['a parent that is no UUID', { port_id: 'x' }, 400, 'HTTPBadRequest'],
    ['an absent parent', { port_id: ABSENT }, 404, 'PortNotFound'],
    ['no list of subports', { port_id: ABSENT, sub_ports: 'x' }, 400, 'HTTPBadRequest'],
    ['null for subports', { port_id: ABSENT, sub_ports: null }, 400, 'HTTPBadRequest'],
    ['subports that are no objects', { port_id: ABSENT, sub_ports: [7] }, 400, 'HTTPBadRequest'],
    ['a status', { port_id: ABSENT, status: 'ACTIVE' }, 400, 'HTTPBadRequest'],
  ])('with %s is refused', async (_, body, status, error) => {
    const { revision } = heddle.topology;
    expect(await admin().post('trunks', { trunk: body })).toMatchObject({ status, error });
    expect(heddle.topology.revision).toBe(revision);
  });

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['no list', { sub_ports: {} }],
    ['null', { sub_ports: null }],
    ['no objects', { sub_ports: [[]] }],
    ['no port', { sub_ports: [{ segmentation_id: 1 }] }],
  ])('that names %s is refused by both actions', async (_, body) => {
    const [parent = ''] = await ports(1);
    const { id } = await trunk(parent);
    for (const action of ['add_subports', 'remove_subports']) {
      expect((await admin().put(`trunks/${id}/${action}`, body as object)).status).toBe(400);
    }
  });

  test('cannot set what actions set', async () => {
    const [parent = ''] = await ports(1);
    const { id } = await trunk(parent);
    for (const attributes of [{ sub_ports: [] }, { port_id: parent }, { status: 'ACTIVE' }]) {
      expect((await admin().put(`trunks/${id}`, { trunk: attributes })).status).toBe(400);
    }
  });

  test('about one that is not there says so', async () => {
    const [one = ''] = await ports(1);
    const path = `trunks/${ABSENT}`;
    const attempts = [
      await admin().get(`${path}/get_subports`),
      await admin().put(`${path}/add_subports`, { sub_ports: [vlan(one, 1)] }),
      await admin().put(`${path}/remove_subports`, { sub_ports: [vlan(one, 1)] }),
      await admin().delete(path),
    ];
    for (const answer of attempts) {
      expect([answer.status, answer.error]).toEqual([404, 'TrunkNotFound']);
    }
  });
});

describe('projects', () => {
  test('have trunks of ports that they see', async () => {
    const own = (await as('alice').post('networks', { network: {} })).body.network.id;
    const mine = async () =>
      (await as('alice').post('ports', { port: { network_id: own } })).body.port.id as string;
    const [foreign = ''] = await ports(1);
    const make = (port_id: string, ...sub_ports: object[]) =>
      as('alice').post('trunks', { trunk: { port_id, sub_ports } });
    expect((await make(foreign)).error).toBe('PortNotFound');
    expect((await make(await mine(), vlan(foreign, 1))).error).toBe('PortNotFound');
    const made = await make(await mine(), vlan(await mine(), 1));
    expect(made.status).toBe(201);
    const path = `trunks/${made.body.trunk.id}`;
    expect((await as('alice').get(`${path}/get_subports`)).status).toBe(200);
    for (const answer of [
      await as('bob').get(path),
      await as('bob').get(`${path}/get_subports`),
      await as('bob').put(`${path}/add_subports`, { sub_ports: [] }),
      await as('bob').delete(path),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect((await as('bob').get('trunks')).body.trunks).toEqual([]);
    expect((await as('alice').delete(path)).status).toBe(204);
  });
});
