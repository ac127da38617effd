/** What guests ask the controller, and its answers: packet bytes and facts to packet bytes. */
export { dhcp4Facts } from './dhcpv4/facts.ts';
export { answerDhcp4 } from './dhcpv4/server.ts';
export { dhcp6Facts } from './dhcpv6/facts.ts';
export { answerDhcp6 } from './dhcpv6/server.ts';
export {
  type Advertiser,
  advertisement,
  answerSolicitation,
  withdrawal,
} from './router/advertisement.ts';
export { advertisersOf } from './router/facts.ts';
export type { ServiceSettings } from './settings.ts';
export { answerTooBig } from './too-big.ts';
