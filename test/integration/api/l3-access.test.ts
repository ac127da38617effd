/**
 * Goal: who may do what with routers, floating IPs and external networks is as with Neutron, and
 * quotas count them.
 * Method: an authenticator that believes a header, so that a test can be anybody; real Redis.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QUOTA_DEFAULTS } from '../../../src/controller/index.ts';
import { type RedisServer, startRedis } from '../../support/redis.ts';
import { believing } from './people.ts';
import { type Controller, startController } from './world.ts';

type Who = 'admin' | 'alice' | 'bob' | 'carol';

let redis: RedisServer;
let heddle: Controller;

beforeAll(async () => {
  redis = await startRedis();
  heddle = await startController(redis.address, {
    authenticator: believing,
    quotaDefaults: { ...QUOTA_DEFAULTS, router: 2, floatingip: 2 },
  });
});

afterAll(async () => {
  await heddle.stop();
  await redis.stop();
});

const as = (who: Who) => {
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE') => (path: string, body?: object) =>
    heddle.call(method, `/v2.0/${path}`, body, { 'x-user': who });
  return {
    get: call('GET'),
    post: call('POST'),
    put: call('PUT'),
    delete: call('DELETE'),
    /** Creates a resource; anything but 201 fails the test. */
    make: async (singular: string, attributes: object = {}) => {
      const answer = await call('POST')(`${singular}s`, { [singular]: attributes });
      expect([answer.status, answer.body.NeutronError]).toEqual([201, undefined]);
      return answer.body[singular];
    },
  };
};

async function outside(attributes: object = { 'router:external': true }) {
  const network = await as('admin').make('network', attributes);
  const cidr = '203.0.113.0/24';
  await as('admin').make('subnet', { network_id: network.id, ip_version: 4, cidr });
  return String(network.id);
}

async function inside(who: Who, cidr: string) {
  const network = await as(who).make('network');
  const subnet = await as(who).make('subnet', { network_id: network.id, ip_version: 4, cidr });
  return { network: String(network.id), subnet: String(subnet.id) };
}

/** A router that is gone again after the test, for the quota's sake. */
async function withRouter<T>(who: Who, attributes: object, work: (id: string) => Promise<T>) {
  const { id } = await as(who).make('router', attributes);
  try {
    return await work(id);
  } finally {
    await as(who).delete(`routers/${id}`);
  }
}

const statusOf = async (answer: ReturnType<ReturnType<typeof as>['get']>) => {
  const { status, error } = await answer;
  return [status, error];
};

describe('a router', () => {
  test('is its project’s alone', async () => {
    await withRouter('alice', {}, async (id) => {
      expect((await as('bob').get(`routers/${id}`)).error).toBe('RouterNotFound');
      expect((await as('bob').get('routers')).body.routers).toEqual([]);
      expect((await as('bob').put(`routers/${id}`, { router: {} })).status).toBe(404);
      expect((await as('bob').put(`routers/${id}/add_router_interface`, {})).status).toBe(404);
      expect((await as('bob').delete(`routers/${id}`)).status).toBe(404);
      expect((await as('admin').get(`routers/${id}`)).status).toBe(200);
    });
  });

  test('has attributes that only operators set and see', async () => {
    const network_id = await outside();
    const gateway = (more: object) => ({ external_gateway_info: { network_id, ...more } });
    for (const router of [
      { distributed: true },
      { ha: true },
      gateway({ enable_snat: false }),
      gateway({ external_fixed_ips: [{ ip_address: '203.0.113.9' }] }),
    ]) {
      expect(
        await statusOf(as('alice').post('routers', { router })),
        JSON.stringify(router),
      ).toEqual([403, 'PolicyNotAuthorized']);
    }
    await withRouter('alice', gateway({}), async (id) => {
      const own = (await as('alice').get(`routers/${id}`)).body.router;
      expect(own).not.toHaveProperty('distributed');
      expect(own).not.toHaveProperty('ha');
      expect(own.external_gateway_info.enable_snat).toBe(true);
      expect((await as('admin').get(`routers/${id}`)).body.router.distributed).toBe(false);
      const snat = { router: gateway({ enable_snat: true }) };
      expect((await as('alice').put(`routers/${id}`, snat)).status).toBe(403);
      expect((await as('admin').put(`routers/${id}`, snat)).status).toBe(200);
      const routes = { router: { routes: [] } };
      const answer = await as('alice').put(`routers/${id}/add_extraroutes`, routes);
      expect(answer.body.router).not.toHaveProperty('ha');
      // The gateway is nobody's port, but the network's owner sees it.
      expect((await as('alice').get(`ports?device_id=${id}`)).body.ports).toEqual([]);
      expect((await as('admin').get(`ports?device_id=${id}`)).body.ports).toHaveLength(1);
    });
  });

  test('gets no subnet and no port of others', async () => {
    const bobs = await inside('bob', '10.3.0.0/24');
    await withRouter('alice', {}, async (id) => {
      const add = (body: object) =>
        statusOf(as('alice').put(`routers/${id}/add_router_interface`, body));
      expect(await add({ subnet_id: bobs.subnet })).toEqual([404, 'SubnetNotFound']);
      // Shared with everybody is too little to be the gateway there.
      await as('admin').put(`networks/${bobs.network}`, { network: { shared: true } });
      expect(await add({ subnet_id: bobs.subnet })).toEqual([400, 'BadRequest']);
      const port = await as('alice').make('port', { network_id: bobs.network });
      expect(await add({ port_id: port.id })).toEqual([200, undefined]);
      await as('alice').put(`routers/${id}/remove_router_interface`, { port_id: port.id });
      const rbac_policy = {
        object_type: 'network',
        object_id: bobs.network,
        action: 'access_as_shared',
        target_tenant: 'alice',
      };
      await as('bob').post('rbac-policies', { rbac_policy });
      expect(await add({ subnet_id: bobs.subnet })).toEqual([200, undefined]);
      await as('alice').put(`routers/${id}/remove_router_interface`, { subnet_id: bobs.subnet });
      // Bob's own port there, outside of the pools, is not for a router of Alice's.
      const fixed_ips = [{ ip_address: '10.3.0.1' }];
      const foreign = await as('bob').make('port', { network_id: bobs.network, fixed_ips });
      expect(await add({ port_id: foreign.id })).toEqual([404, 'PortNotFound']);
    });
  });

  test('has conntrack helpers that are its project’s alone', async () => {
    await withRouter('alice', {}, async (id) => {
      const path = `routers/${id}/conntrack_helpers`;
      const body = { conntrack_helper: { protocol: 'udp', port: 69, helper: 'tftp' } };
      expect(await statusOf(as('bob').post(path, body))).toEqual([404, 'RouterNotFound']);
      const made = (await as('alice').post(path, body)).body.conntrack_helper;
      expect((await as('bob').get(path)).body.conntrack_helpers).toEqual([]);
      const change = { conntrack_helper: { port: 70 } };
      const own = `${path}/${made.id}`;
      for (const answer of [
        as('bob').get(own),
        as('bob').put(own, change),
        as('bob').delete(own),
      ]) {
        expect(await statusOf(answer)).toEqual([404, 'ConntrackHelperNotFound']);
      }
      expect((await as('admin').put(own, change)).body.conntrack_helper.port).toBe(70);
      expect((await as('alice').delete(own)).status).toBe(204);
    });
  });

  test('is not taken over by ports of others', async () => {
    const bobs = await inside('bob', '10.4.0.0/24');
    await withRouter('alice', {}, async (id) => {
      const port = {
        network_id: bobs.network,
        device_id: id,
        device_owner: 'network:router_interface',
      };
      expect(await statusOf(as('bob').post('ports', { port }))).toEqual([
        409,
        'DeviceIDNotOwnedByTenant',
      ]);
      const own = await as('bob').make('port', { network_id: bobs.network });
      const { network_id: _, ...device } = port;
      expect(await statusOf(as('bob').put(`ports/${own.id}`, { port: device }))).toEqual([
        409,
        'DeviceIDNotOwnedByTenant',
      ]);
    });
  });

  test('and a floating IP count on the quotas of their project', async () => {
    const network_id = await outside();
    const router = { external_gateway_info: { network_id } };
    const [one, two] = [await as('carol').make('router'), await as('carol').make('router', router)];
    expect(await statusOf(as('carol').post('routers', { router: {} }))).toEqual([409, 'OverQuota']);
    const floatingip = { floating_network_id: network_id };
    const { id } = await as('carol').make('floatingip', floatingip);
    await as('carol').make('floatingip', floatingip);
    const over = as('carol').post('floatingips', { floatingip });
    expect(await statusOf(over)).toEqual([409, 'OverQuota']);
    expect((await as('carol').get('quotas/carol/details')).body.quota).toMatchObject({
      router: { limit: 2, used: 2 },
      floatingip: { limit: 2, used: 2 },
      // Gateways and floating IPs have ports that count on nobody's.
      port: { used: 0 },
    });
    for (const path of [`routers/${one.id}`, `routers/${two.id}`, `floatingips/${id}`]) {
      expect((await as('carol').delete(path)).status).toBe(204);
    }
  });
});

describe('a floating IP', () => {
  test('is its project’s, and its address the operators’ to choose', async () => {
    const network = await outside();
    const at = { floating_network_id: network };
    const { id } = await as('alice').make('floatingip', at);
    expect((await as('bob').get(`floatingips/${id}`)).error).toBe('FloatingIPNotFound');
    expect((await as('bob').get(`floatingips/${id}/port_forwardings`)).error).toBe(
      'FloatingIPNotFound',
    );
    const floatingip = { ...at, floating_ip_address: '203.0.113.70' };
    expect((await as('alice').post('floatingips', { floatingip })).status).toBe(403);
    const bobs = { ...floatingip, project_id: 'bob' };
    expect((await as('admin').make('floatingip', bobs)).project_id).toBe('bob');
    expect((await as('bob').get('floatingips')).body.floatingips).toHaveLength(1);
    await as('alice').delete(`floatingips/${id}`);
  });

  test('stands for ports of its own project', async () => {
    const network = await outside();
    const alices = await inside('alice', '10.5.0.0/24');
    const gateway = { external_gateway_info: { network_id: network } };
    await withRouter('alice', gateway, async (id) => {
      const wish = { subnet_id: alices.subnet };
      await as('alice').put(`routers/${id}/add_router_interface`, wish);
      const vm = await as('alice').make('port', { network_id: alices.network });
      const { id: bobs } = await as('bob').make('floatingip', { floating_network_id: network });
      const put = (who: Who) =>
        statusOf(as(who).put(`floatingips/${bobs}`, { floatingip: { port_id: vm.id } }));
      expect(await put('bob')).toEqual([404, 'PortNotFound']);
      expect(await put('admin')).toEqual([200, undefined]);
      await as('admin').delete(`floatingips/${bobs}`);
      await as('alice').put(`routers/${id}/remove_router_interface`, wish);
    });
  });
});

describe('an external network', () => {
  const policy = (object_id: string, target_tenant: string) => ({
    rbac_policy: { object_type: 'network', object_id, action: 'access_as_external', target_tenant },
  });

  test('may be one project’s only, as long as that uses it', async () => {
    const id = await outside({});
    const gateway = { external_gateway_info: { network_id: id } };
    expect(await statusOf(as('alice').post('routers', { router: gateway }))).toEqual([
      404,
      'NetworkNotFound',
    ]);
    const made = await as('admin').post('rbac-policies', policy(id, 'alice'));
    const path = `rbac-policies/${made.body.rbac_policy.id}`;
    const isExternal = async () =>
      (await as('admin').get(`networks/${id}`)).body.network['router:external'];
    expect(await isExternal()).toBe(true);
    const floatingip = { floating_network_id: id };
    expect((await as('bob').post('floatingips', { floatingip })).error).toBe('NetworkNotFound');
    const pools = async (who: Who) =>
      (await as(who).get('floatingip_pools')).body.floatingip_pools.filter(
        ({ network_id }: { network_id: string }) => network_id === id,
      );
    expect([await pools('bob'), (await pools('alice')).length]).toEqual([[], 1]);
    await withRouter('alice', gateway, async () => {
      expect(await statusOf(as('admin').delete(path))).toEqual([409, 'RbacPolicyInUse']);
      const other = { rbac_policy: { target_tenant: 'bob' } };
      expect(await statusOf(as('admin').put(path, other))).toEqual([409, 'RbacPolicyInUse']);
      // Whoever has it from elsewhere does not depend on this policy.
      const all = await as('admin').post('rbac-policies', policy(id, '*'));
      expect((await as('admin').delete(path)).status).toBe(204);
      const wildcard = `rbac-policies/${all.body.rbac_policy.id}`;
      expect(await statusOf(as('admin').delete(wildcard))).toEqual([409, 'RbacPolicyInUse']);
    });
    const last = (await as('admin').get(`rbac-policies?object_id=${id}`)).body.rbac_policies[0];
    expect((await as('admin').delete(`rbac-policies/${last.id}`)).status).toBe(204);
    expect(await isExternal()).toBe(false);
  });

  test('is closed for everybody at once', async () => {
    const id = await outside();
    await as('admin').post('rbac-policies', policy(id, 'alice'));
    const put = (external: boolean) =>
      as('admin').put(`networks/${id}`, { network: { 'router:external': external } });
    expect((await put(false)).status).toBe(200);
    expect((await as('admin').get(`rbac-policies?object_id=${id}`)).body.rbac_policies).toEqual([]);
    expect((await as('alice').get(`networks/${id}`)).status).toBe(404);
    expect((await put(true)).status).toBe(200);
    expect((await as('bob').get(`networks/${id}`)).status).toBe(200);
  });
});
