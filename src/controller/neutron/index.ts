/** The Neutron collections: networks, subnets and ports on topology and store. */
import type { NeutronContext } from './context.ts';
import { Networks } from './networks.ts';
import { Ports } from './ports.ts';
import { Reservations } from './reservations.ts';
import { Subnets } from './subnets.ts';

export interface Collections {
  readonly networks: Networks;
  readonly subnets: Subnets;
  readonly ports: Ports;
}

/** The collections of one process; they share what is promised to requests under way. */
export function createCollections(options: Omit<NeutronContext, 'reservations'>): Collections {
  const context: NeutronContext = { ...options, reservations: new Reservations() };
  return {
    networks: new Networks(context),
    subnets: new Subnets(context),
    ports: new Ports(context),
  };
}
