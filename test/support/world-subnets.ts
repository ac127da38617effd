/**
 * Random subnets: whether the controller answers DHCP in a network, and says how addresses are made.
 * The addresses of ports do not depend on them here.
 */
import { subnet } from '../../lab/records.ts';
import type { Subnet } from '../../src/topology/index.ts';
import { type Edit, editOne } from './world-draft.ts';
import type { SeededRandom } from './world-random.ts';

const SUBNETS = 6;
const NETWORKS = 4;
const MODES = ['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless', null] as const;

/** Two of each version in every state that begins a walk. */
export const addSubnets: Edit = (random, draft) => {
  for (let turn = 0; turn < SUBNETS; turn++) putSubnet(random, draft);
};

const putSubnet: Edit = (random, draft) => {
  const number = 1 + random.integer(SUBNETS);
  const networkId = `net-${1 + random.integer(NETWORKS)}`;
  const more = number % 2 === 0 ? ipv6(random) : { enable_dhcp: random.chance(0.7) };
  draft.set(`subnet/sub-${number}`, subnet(`sub-${number}`, networkId, more));
};

const editSubnet = editOne<Subnet>('subnet', (random, draft, old) => {
  const edits: readonly Partial<Subnet>[] = [
    { enable_dhcp: !old.enable_dhcp },
    { name: `${old.name}+` },
    old.ip_version === 6 ? ipv6(random) : { gateway_ip: '10.0.0.1' },
  ];
  draft.set(`subnet/${old.id}`, { ...old, ...random.pick(edits) });
});

const deleteSubnet = editOne<Subnet>('subnet', (_, draft, old) => {
  draft.delete(`subnet/${old.id}`);
});

export const SUBNET_EDITS: readonly Edit[] = [putSubnet, editSubnet, editSubnet, deleteSubnet];

function ipv6(random: SeededRandom): Partial<Subnet> {
  return {
    ip_version: 6,
    cidr: 'fd00::/64',
    enable_dhcp: random.chance(0.7),
    ipv6_address_mode: random.pick(MODES),
    ipv6_ra_mode: random.pick(MODES),
  };
}
