/**
 * The names of one network, read from the records of its ports: none of another network is found
 * here, whoever asks. A port is found by what it is called within the domain of the settings, or
 * that of the network, which its guests search; by its `dns_name` alone where that is one label,
 * since a name like `www.example.org` may be one of the world; or else, as with dnsmasq, by the
 * name that is made of its address.
 */
import {
  type AddressValue,
  cidrContains,
  dnsAssignment,
  formatAddress,
  type Network,
  nameInNetwork,
  type Port,
  parseAddress,
  parseCidr,
  type Topology,
} from '../../topology/index.ts';
import { domainOf, type ServiceSettings } from '../settings.ts';

/** Ports of one name that are told of: a message has no room for more. */
const NAMESAKES_MAX = 128;

export class NetworkNames {
  readonly #topology: Topology;
  readonly #networkId: string;
  /** Those within which names are looked for, and the one that guests are told. */
  readonly #domains: readonly string[];
  readonly #own: string;

  constructor(topology: Topology, network: Network, settings: Pick<ServiceSettings, 'dnsDomain'>) {
    this.#topology = topology;
    this.#networkId = network.id;
    this.#domains = [settings.dnsDomain, network.dns_domain].map(withoutDot).filter(Boolean);
    this.#own = domainOf(network, settings);
  }

  /** In ascending order; undefined where nobody is called so. */
  addressesOf(name: string): readonly AddressValue[] | undefined {
    const ports = take(this.#portsNamed(name), NAMESAKES_MAX);
    return ports.size === 0 ? undefined : addressesOfPorts(ports);
  }

  /** Of the port that has an address of the network. */
  nameOf(address: AddressValue): string | undefined {
    const port = this.#portAt(address);
    if (port === undefined) return undefined;
    const fixed_ips = [{ subnet_id: '', ip_address: formatAddress(address) }];
    const [assigned] = dnsAssignment({ dns_name: port.dns_name, fixed_ips }, this.#own);
    return assigned === undefined ? undefined : withoutDot(assigned.fqdn);
  }

  /** Whether a name is one that the network gives to its ports, if it exists. */
  isOwn(name: string): boolean {
    return relativeNames(name, this.#domains).length > 0;
  }

  isOwnAddress(address: AddressValue): boolean {
    const subnets = this.#topology.members('subnetsOfNetwork', this.#networkId).values();
    return [...subnets].some(({ cidr }) => contains(cidr, address));
  }

  *#portsNamed(name: string): Iterable<Port> {
    yield* this.#portsWith(`${name}.`);
    for (const relative of relativeNames(name, this.#domains)) {
      yield* this.#portsWith(relative);
      const address = addressIn(relative);
      const port = address === undefined ? undefined : this.#portAt(address);
      if (port?.dns_name === '') yield port;
    }
  }

  #portsWith(dns_name: string): Iterable<Port> {
    const key = nameInNetwork({ network_id: this.#networkId, dns_name });
    return this.#topology.members('portsByName', key).values();
  }

  #portAt(address: AddressValue): Port | undefined {
    const topology = this.#topology;
    for (const subnetId of topology.members('subnetsOfNetwork', this.#networkId).keys()) {
      const portId = topology.addressOwner(subnetId, address);
      if (portId !== undefined) return topology.get('port', portId);
    }
    return undefined;
  }
}

/** What a port would have to be called so that a name means it. */
function relativeNames(name: string, domains: readonly string[]): string[] {
  const relative = domains.flatMap((domain) =>
    name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : [],
  );
  const isLabel = name !== '' && !name.includes('.');
  return [...new Set(isLabel ? [name, ...relative] : relative)];
}

/** The address in a name like `host-10-0-0-5` (see `dnsAssignment`). */
function addressIn(name: string): AddressValue | undefined {
  const digits = /^host-([0-9a-f-]{2,39})$/.exec(name)?.[1];
  if (digits === undefined) return undefined;
  const isIpv4 = /^\d+-\d+-\d+-\d+$/.test(digits);
  const address = parseAddress(digits.replaceAll('-', isIpv4 ? '.' : ':'));
  // One name an address: that of its usual form.
  const isUsual = address !== undefined && formatAddress(address).replace(/[.:]/g, '-') === digits;
  return isUsual ? address : undefined;
}

function addressesOfPorts(ports: Iterable<Port>): AddressValue[] {
  const addresses = [...ports].flatMap(({ fixed_ips }) =>
    fixed_ips.flatMap(({ ip_address }) => parseAddress(ip_address) ?? []),
  );
  return addresses.sort((one, other) => (one < other ? -1 : Number(one > other)));
}

function take<T>(items: Iterable<T>, most: number): Set<T> {
  const taken = new Set<T>();
  for (const item of items) {
    if (taken.size === most) break;
    taken.add(item);
  }
  return taken;
}

function contains(cidr: string, address: AddressValue): boolean {
  const range = parseCidr(cidr);
  return range !== undefined && cidrContains(range, address);
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}
