/**
 * Goal: metering labels and rules, segments, flavors, service profiles and providers are served as
 * Neutron serves them; what is not possible here is refused clearly.
 * Method: the HTTP application over a real Redis; an authenticator that believes a header.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing, callsOf, type Who } from './people.ts';
import { type Controller, startController } from './world.ts';

let redis: RedisServer;
let heddle: Controller;
const ABSENT = '00000000-0000-4000-8000-000000000000';
const LABELS = 'metering/metering-labels';
const RULES = 'metering/metering-label-rules';

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, { authenticator: believing });
});
afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const as = (who: Who) => callsOf(() => heddle, who);
const admin = () => as('admin');

async function label(attributes: object = {}) {
  const answer = await admin().post(LABELS, { metering_label: attributes });
  expect(answer.status).toBe(201);
  return answer.body.metering_label;
}

const addRule = (metering_label_id: string, values: object) =>
  admin().post(RULES, {
    metering_label_rule: { metering_label_id, direction: 'ingress', ...values },
  });

describe('a metering label', () => {
  test('is made, shown, listed and deleted with its rules', async () => {
    const made = await label({ name: 'l', description: 'd'.repeat(1024), shared: true });
    expect(made).toMatchObject({
      name: 'l',
      shared: true,
      project_id: 'admin',
      tenant_id: 'admin',
    });
    expect((await admin().get(`${LABELS}/${made.id}`)).body.metering_label).toEqual(made);
    expect((await admin().get(`${LABELS}?id=33`)).body.metering_labels).toEqual([]);
    expect((await admin().get(`${LABELS}?name=l`)).body.metering_labels).toEqual([made]);
    const rule = await addRule(made.id, { remote_ip_prefix: '10.0.0.0/24' });
    const { id } = rule.body.metering_label_rule;
    expect((await admin().delete(`${LABELS}/${made.id}`)).status).toBe(204);
    expect(await admin().get(`${LABELS}/${made.id}`)).toMatchObject({
      status: 404,
      error: 'MeteringLabelNotFound',
    });
    expect(await admin().get(`${RULES}/${id}`)).toMatchObject({
      status: 404,
      error: 'MeteringLabelRuleNotFound',
    });
  });

  test('is not changed', async () => {
    const { id } = await label();
    const answer = await admin().put(`${LABELS}/${id}`, { metering_label: { name: 'x' } });
    expect(answer.status).toBe(400);
  });

  test('is an operator’s to make, and its project’s to see', async () => {
    const { id } = await label({ project_id: 'alice' });
    const { body } = await addRule(id, { source_ip_prefix: '10.0.0.0/24' });
    const rule = `${RULES}/${body.metering_label_rule.id}`;
    expect((await as('alice').post(LABELS, { metering_label: {} })).status).toBe(403);
    expect((await as('alice').get(`${LABELS}/${id}`)).status).toBe(200);
    expect((await as('alice').delete(`${LABELS}/${id}`)).status).toBe(403);
    expect((await as('alice').get(rule)).status).toBe(200);
    expect((await as('alice').delete(rule)).status).toBe(403);
    expect((await as('bob').get(`${LABELS}/${id}`)).status).toBe(404);
    expect((await as('bob').get(rule)).status).toBe(404);
    expect((await as('bob').get(RULES)).body.metering_label_rules).toEqual([]);
  });
});

describe('a metering rule', () => {
  test.each<[object, object]>([
    [{ remote_ip_prefix: '10.0.0.0/24' }, { remote_ip_prefix: '10.0.0.0/24' }],
    [{ remote_ip_prefix: 'fd02::/64' }, { remote_ip_prefix: 'fd02::/64' }],
    [{ source_ip_prefix: '10.3.0.5/24' }, { source_ip_prefix: '10.3.0.5/24' }],
    [{ source_ip_prefix: '10.3.0.5' }, { source_ip_prefix: '10.3.0.5/32' }],
    [{ destination_ip_prefix: 'FD00:0::5' }, { destination_ip_prefix: 'fd00::5/128' }],
  ])('with %j is made', async (values, shown) => {
    const { id } = await label();
    const answer = await addRule(id, values);
    expect(answer.body.metering_label_rule).toEqual({
      id: answer.body.metering_label_rule.id,
      metering_label_id: id,
      direction: 'ingress',
      excluded: false,
      remote_ip_prefix: null,
      source_ip_prefix: null,
      destination_ip_prefix: null,
      ...shown,
    });
    const listed = await admin().get(`${RULES}?metering_label_id=${id}`);
    expect(listed.body.metering_label_rules).toEqual([answer.body.metering_label_rule]);
    const path = `${RULES}/${answer.body.metering_label_rule.id}`;
    expect((await admin().delete(path)).status).toBe(204);
    expect((await admin().get(path)).status).toBe(404);
  });

  test('does not count what another of its label counts', async () => {
    const { id } = await label();
    const remote = (remote_ip_prefix: string, more: object = {}) =>
      addRule(id, { remote_ip_prefix, ...more });
    expect((await remote('10.0.0.0/24')).status).toBe(201);
    for (const prefix of ['10.0.0.128/25', '0.0.0.0/0', '10.0.0.7']) {
      expect(await remote(prefix)).toMatchObject({
        status: 409,
        error: 'MeteringLabelRuleOverlaps',
      });
    }
    expect((await remote('10.0.1.0/24')).status).toBe(201);
    expect((await remote('10.0.0.0/24', { excluded: true })).status).toBe(201);
    expect((await remote('10.0.0.0/24', { direction: 'egress' })).status).toBe(201);
    expect((await remote('fd00::/8')).status).toBe(201);
    expect((await addRule(id, { source_ip_prefix: '10.0.0.0/24' })).status).toBe(201);
    const other = await label();
    expect((await addRule(other.id, { remote_ip_prefix: '10.0.0.0/24' })).status).toBe(201);
  });

  test.each<[object, number, string]>([
    [{}, 400, 'Invalid'],
    [{ remote_ip_prefix: null }, 400, 'Invalid'],
    [{ remote_ip_prefix: '10.0.0.0/8', source_ip_prefix: '10.0.0.0/8' }, 400, 'Invalid'],
    [{ source_ip_prefix: 'x' }, 400, 'HTTPBadRequest'],
    [{ source_ip_prefix: '10.0.0.0/33' }, 400, 'HTTPBadRequest'],
    [{ source_ip_prefix: '10.0.0.0/8/8' }, 400, 'HTTPBadRequest'],
    [{ source_ip_prefix: 5 }, 400, 'HTTPBadRequest'],
    [{ source_ip_prefix: ['10.0.0.0/8'] }, 400, 'HTTPBadRequest'],
    [{ source_ip_prefix: '10.0.0.0/8', direction: 'any' }, 400, 'HTTPBadRequest'],
    [{ source_ip_prefix: '10.0.0.0/8', excluded: 'x' }, 400, 'InvalidInput'],
    [{ source_ip_prefix: '10.0.0.0/8', metering_label_id: ABSENT }, 404, 'MeteringLabelNotFound'],
  ])('with %j is refused', async (values, status, error) => {
    const { id } = await label();
    const { revision } = heddle.topology;
    expect(await addRule(id, values)).toMatchObject({ status, error });
    expect(heddle.topology.revision).toBe(revision);
  });
});

describe('the segment of a network', () => {
  const provider = {
    'provider:network_type': 'vlan',
    'provider:physical_network': 'left',
    'provider:segmentation_id': 77,
  };

  test('is how the network is carried, for operators alone', async () => {
    const net = await heddle.make('network', provider);
    const segment = {
      id: net.id,
      network_id: net.id,
      name: null,
      description: null,
      network_type: 'vlan',
      physical_network: 'left',
      segmentation_id: 77,
      revision_number: 1,
      created_at: net.created_at,
      updated_at: net.updated_at,
    };
    expect((await admin().get(`segments?network_id=${net.id}`)).body.segments).toEqual([segment]);
    expect((await admin().get(`segments/${net.id}`)).body).toEqual({ segment });
    const query = 'segments?network_type=vlan&physical_network=left&fields=network_id';
    expect((await admin().get(query)).body.segments).toEqual([{ network_id: net.id }]);
    expect((await as('alice').get('segments')).body.segments).toEqual([]);
    expect((await as('alice').get(`segments/${net.id}`)).status).toBe(404);
    await admin().delete(`networks/${net.id}`);
    expect(await admin().get(`segments/${net.id}`)).toMatchObject({
      status: 404,
      error: 'SegmentNotFound',
    });
  });

  test('is listed in pages', async () => {
    for (let i = 0; i < 3; i += 1) await heddle.make('network');
    const page = await admin().get('segments?limit=2&sort_key=id&sort_dir=asc');
    expect(page.body.segments).toHaveLength(2);
    const next = await admin().get(
      `segments?limit=2&sort_key=id&sort_dir=asc&marker=${page.body.segments[1].id}`,
    );
    expect(next.body.segments[0].id > page.body.segments[1].id).toBe(true);
  });

  test('is neither made, nor changed, nor deleted by itself', async () => {
    const { id } = await heddle.make('network');
    const body = { segment: { network_id: id, network_type: 'vlan', physical_network: 'left' } };
    for (const answer of [
      await admin().post('segments', body),
      await admin().put(`segments/${id}`, { segment: { name: 'x' } }),
      await admin().delete(`segments/${id}`),
    ]) {
      expect([answer.status, answer.error]).toEqual([405, 'HTTPMethodNotAllowed']);
    }
  });

  test('may be named in a list of one when the network is made', async () => {
    const made = await heddle.make('network', { segments: [provider] });
    expect(made).toMatchObject(provider);
    expect(made).not.toHaveProperty('segments');
    expect((await heddle.make('network', { segments: [] }))['provider:network_type']).toBe(
      'geneve',
    );
    const again = await admin().post('networks', { network: { segments: [provider] } });
    expect(again.error).toBe('VlanIdInUse');
    const forbidden = await as('alice').post('networks', { network: { segments: [provider] } });
    expect(forbidden.error).toBe('PolicyNotAuthorized');
  });

  test.each<[unknown, string, string]>([
    [[provider, provider], 'HTTPBadRequest', 'a network has one segment, not 2'],
    ['x', 'HTTPBadRequest', "'x' is not a list"],
    [['x'], 'HTTPBadRequest', 'is not a dictionary'],
    [[{}], 'InvalidInput', 'network_type required'],
    [[{ 'provider:network_type': 'x' }], 'HTTPBadRequest', 'x is not in'],
    [[{ ...provider, foo: 1 }], 'HTTPBadRequest', "'foo'"],
    [null, 'HTTPBadRequest', 'is not a list'],
  ])('as %j is refused', async (segments, error, reason) => {
    const answer = await admin().post('networks', { network: { segments } });
    expect([answer.status, answer.error]).toEqual([400, error]);
    expect(answer.body.NeutronError.message).toContain(reason);
  });

  test('is named once', async () => {
    const network = { segments: [provider], 'provider:network_type': 'vlan' };
    expect((await admin().post('networks', { network })).error).toBe(
      'SegmentsSetInConjunctionWithProviders',
    );
  });
});

describe('a flavor', () => {
  const make = async (collection: string, singular: string, attributes: object) =>
    (await admin().post(collection, { [singular]: attributes })).body[singular];
  const flavor = (attributes: object = {}) =>
    make('flavors', 'flavor', { service_type: 'L3_ROUTER_NAT', ...attributes });
  const profile = (attributes: object = {}) =>
    make('service_profiles', 'service_profile', { metainfo: '{}', ...attributes });

  test('is made, shown to everybody, changed and deleted', async () => {
    const made = await flavor({ name: 'f', description: null, enabled: null });
    expect(made).toEqual({
      id: made.id,
      name: 'f',
      description: null,
      enabled: true,
      service_type: 'L3_ROUTER_NAT',
      service_profiles: [],
    });
    expect((await as('alice').get(`flavors/${made.id}`)).body.flavor).toEqual(made);
    const listed = await admin().get('flavors?service_type=L3_ROUTER_NAT&name=f');
    expect(listed.body.flavors).toEqual([made]);
    const changed = await admin().put(`flavors/${made.id}`, { flavor: { enabled: false } });
    expect(changed.body.flavor.enabled).toBe(false);
    const retyped = await admin().put(`flavors/${made.id}`, { flavor: { service_type: 'QOS' } });
    expect(retyped.status).toBe(400);
    for (const answer of [
      await as('alice').post('flavors', { flavor: { service_type: 'QOS' } }),
      await as('alice').delete(`flavors/${made.id}`),
    ]) {
      expect(answer.status).toBe(403);
    }
    expect((await admin().delete(`flavors/${made.id}`)).status).toBe(204);
    expect((await admin().get(`flavors/${made.id}`)).error).toBe('FlavorNotFound');
  });

  test.each([{}, { service_type: 'x' }, { service_type: 5 }, { service_type: 'QOS', name: 5 }])(
    'like %j is refused',
    async (attributes) => {
      expect((await admin().post('flavors', { flavor: attributes })).status).toBe(400);
    },
  );

  test('is tied to service profiles, which then stay as they are', async () => {
    const { id } = await flavor();
    const { id: profileId } = await profile();
    const links = `flavors/${id}/service_profiles`;
    const tie = (other: string) => admin().post(links, { service_profile: { id: other } });
    expect(await tie(profileId)).toMatchObject({
      status: 201,
      body: { service_profile: { id: profileId } },
    });
    expect(await tie(profileId)).toMatchObject({
      status: 409,
      error: 'FlavorServiceProfileBindingExists',
    });
    expect((await tie(ABSENT)).error).toBe('ServiceProfileNotFound');
    expect((await admin().post(links, {})).status).toBe(400);
    expect((await admin().post(links, { service_profile: { id: {} } })).status).toBe(400);
    expect((await admin().get(`flavors/${id}`)).body.flavor.service_profiles).toEqual([profileId]);
    const path = `service_profiles/${profileId}`;
    for (const answer of [
      await admin().delete(path),
      await admin().put(path, { service_profile: { description: 'x' } }),
    ]) {
      expect([answer.status, answer.error]).toEqual([409, 'ServiceProfileInUse']);
    }
    expect((await as('alice').delete(`${links}/${profileId}`)).status).toBe(403);
    expect((await admin().delete(`${links}/${profileId}`)).status).toBe(204);
    expect((await admin().delete(`${links}/${profileId}`)).error).toBe(
      'FlavorServiceProfileBindingNotFound',
    );
    expect((await admin().delete(path)).status).toBe(204);
  });

  test('may be made with its profiles', async () => {
    const { id } = await profile();
    expect((await flavor({ service_profiles: [id] })).service_profiles).toEqual([id]);
    const absent = { service_type: 'QOS', service_profiles: [ABSENT] };
    expect((await admin().post('flavors', { flavor: absent })).error).toBe(
      'ServiceProfileNotFound',
    );
  });

  test('offers profiles that say something, of drivers that there are', async () => {
    const bad = (attributes: object) =>
      admin().post('service_profiles', { service_profile: attributes });
    expect((await bad({})).error).toBe('ServiceProfileEmpty');
    expect(await bad({ driver: 'x' })).toMatchObject({
      status: 404,
      error: 'ServiceProfileDriverNotFound',
    });
    const made = await profile({ driver: 'heddle', metainfo: { a: 1 } });
    expect(made).toMatchObject({ driver: 'heddle', metainfo: '{"a":1}', enabled: true });
    const path = `service_profiles/${made.id}`;
    const changed = await admin().put(path, { service_profile: { metainfo: '', enabled: false } });
    expect(changed.body.service_profile).toMatchObject({ metainfo: '', enabled: false });
    expect((await as('alice').get(path)).status).toBe(404);
    expect((await as('alice').get('service_profiles')).body.service_profiles).toEqual([]);
  });
});

test('who provides services is listed for everybody', async () => {
  const provider = { service_type: 'L3_ROUTER_NAT', name: 'heddle', default: true };
  expect((await as('alice').get('service-providers')).body.service_providers).toEqual([provider]);
  const query = 'service-providers?service_type=L3_ROUTER_NAT&default=false';
  expect((await admin().get(query)).body.service_providers).toEqual([]);
});
