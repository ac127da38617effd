/**
 * The workload as a tenant of the Networking API: names on the one side, ids on the other.
 * Neutron's groups only allow, so that a rule that drops takes away the rules of its group that
 * allow the same, until it goes.
 */
import type { Rest } from '../../lab/rest.ts';
import type { GroupGiven, PortGiven, RuleGiven, Workload } from './workload.ts';

/** Resources that one call makes: a commit takes 2,000 records. */
const BULK = 500;

type Body = Readonly<Record<string, unknown>>;

interface Resource {
  readonly id: string;
  readonly name: string;
}

interface AllowRule {
  readonly id: string;
  readonly given: RuleGiven;
}

export class Tenant {
  readonly #api: Rest;
  /** Its calls are answered when the hosts that they touch have confirmed. */
  readonly #confirmed: Rest;
  /** By plural and name. */
  readonly #ids = new Map<string, string>();
  readonly #rules = new Map<string, AllowRule[]>();
  /** By key: what a dropping rule has taken away. */
  readonly #taken = new Map<string, readonly RuleGiven[]>();

  constructor(api: Rest, confirmed: Rest) {
    this.#api = api;
    this.#confirmed = confirmed;
  }

  /** Everything but the ports. */
  async load({ switches, routers, groups }: Workload): Promise<void> {
    await this.#create(
      'networks',
      switches.map(({ name }) => ({ name })),
    );
    await this.#create(
      'subnets',
      switches.map(({ name, cidr, gateway }) => ({
        name,
        network_id: this.#id('networks', name),
        ip_version: 4,
        cidr,
        gateway_ip: gateway,
      })),
    );
    await this.#create(
      'security_groups',
      groups.map(({ name }) => ({ name })),
    );
    for (const group of groups) await this.#allow(group);
    await this.#loadRouters(switches, routers);
  }

  /** The ports' ids, in their order. */
  async addPorts(ports: readonly PortGiven[]): Promise<string[]> {
    await this.#create(
      'ports',
      ports.map((port) => this.#portBody(port)),
    );
    return ports.map(({ name }) => this.#id('ports', name));
  }

  /** Its id, once the hosts have it. */
  async addPort(given: PortGiven): Promise<string> {
    const body = { port: this.#portBody(given) };
    const { port } = await this.#confirmed.post<{ port: Resource }>('/v2.0/ports', body);
    this.#ids.set(`ports/${port.name}`, port.id);
    return port.id;
  }

  async deletePort(name: string): Promise<void> {
    await this.#confirmed.delete(`/v2.0/ports/${this.#id('ports', name)}`);
  }

  async addRule(group: string, rule: RuleGiven, key: string): Promise<void> {
    if (rule.action === 'allow') throw new Error('the workload adds rules that drop');
    const rules = this.#rules.get(group) ?? [];
    const taken = rules.filter(({ given }) => overlap(given, rule));
    this.#taken.set(
      key,
      taken.map(({ given }) => given),
    );
    this.#rules.set(
      group,
      rules.filter((one) => !taken.includes(one)),
    );
    await Promise.all(
      taken.map(({ id }) => this.#confirmed.delete(`/v2.0/security-group-rules/${id}`)),
    );
  }

  async deleteRule(group: string, key: string): Promise<void> {
    await this.#allow({ name: group, rules: this.#taken.get(key) ?? [] });
    this.#taken.delete(key);
  }

  /** A call makes rules of one group. */
  async #allow({ name, rules }: GroupGiven): Promise<void> {
    const wanted = rules.filter((given) => given.action === 'allow' && !isInitial(given));
    if (wanted.length === 0) return;
    const answer = await this.#confirmed.post<{ security_group_rules: readonly Resource[] }>(
      '/v2.0/security-group-rules',
      { security_group_rules: wanted.map((given) => this.#ruleBody(name, given)) },
    );
    const made = wanted.map((given, index) => ({
      given,
      id: answer.security_group_rules[index]?.id ?? '',
    }));
    this.#rules.set(name, [...(this.#rules.get(name) ?? []), ...made]);
  }

  /** Its VIF has the name that it has itself. */
  #portBody(port: PortGiven): Body {
    return {
      name: port.name,
      network_id: this.#id('networks', port.switch),
      mac_address: port.mac,
      fixed_ips: [{ subnet_id: this.#id('subnets', port.switch), ip_address: port.ip }],
      security_groups: port.groups.map((name) => this.#id('security_groups', name)),
      'binding:host_id': port.host,
      'binding:profile': { 'iface-id': port.name },
    };
  }

  #ruleBody(group: string, { dir, ip, proto, remote, dports }: RuleGiven): Body {
    const ofGroup = remote?.startsWith('@') === true;
    return {
      security_group_id: this.#id('security_groups', group),
      direction: dir === 'in' ? 'ingress' : 'egress',
      ethertype: `IPv${ip}`,
      protocol: proto,
      port_range_min: dports?.[0] ?? null,
      port_range_max: dports?.[1] ?? null,
      remote_ip_prefix: ofGroup ? null : remote,
      remote_group_id: ofGroup ? this.#id('security_groups', remote.slice(1)) : null,
    };
  }

  /** Each has a port with the gateway's addresses in every of its switches. */
  async #loadRouters(switches: Workload['switches'], routers: Workload['routers']): Promise<void> {
    await this.#create(
      'ports',
      switches.map(({ name, gateway, gateway_mac }) => ({
        name: `gateway-${name}`,
        network_id: this.#id('networks', name),
        mac_address: gateway_mac,
        fixed_ips: [{ subnet_id: this.#id('subnets', name), ip_address: gateway }],
      })),
    );
    await this.#create(
      'routers',
      routers.map(({ name }) => ({ name })),
    );
    for (const router of routers) {
      const path = `/v2.0/routers/${this.#id('routers', router.name)}/add_router_interface`;
      for (const name of router.switches) {
        await this.#api.put(path, { port_id: this.#id('ports', `gateway-${name}`) });
      }
    }
  }

  async #create(plural: string, bodies: readonly Body[]): Promise<void> {
    for (const some of chunks(bodies)) {
      const path = `/v2.0/${plural.replaceAll('_', '-')}`;
      const answer = await this.#api.post<Record<string, readonly Resource[]>>(path, {
        [plural]: some,
      });
      for (const { id, name } of answer[plural] ?? []) this.#ids.set(`${plural}/${name}`, id);
    }
  }

  #id(plural: string, name: string): string {
    const id = this.#ids.get(`${plural}/${name}`);
    if (id === undefined) throw new Error(`no ${plural} is named ${name}`);
    return id;
  }
}

/** A group begins with these. */
function isInitial({ dir, proto, remote }: RuleGiven): boolean {
  return dir === 'out' && proto === null && remote === null;
}

function overlap(allowing: RuleGiven, dropping: RuleGiven): boolean {
  return (
    allowing.dir === dropping.dir &&
    allowing.ip === dropping.ip &&
    (allowing.proto === null || dropping.proto === null || allowing.proto === dropping.proto)
  );
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / BULK);
  return Array.from({ length: count }, (_, at) => items.slice(at * BULK, (at + 1) * BULK));
}
