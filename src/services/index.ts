/** What guests ask the controller, and its answers: packet bytes and facts to packet bytes. */
export { type Dhcp4Settings, dhcp4Facts } from './dhcpv4/facts.ts';
export { answerDhcp4 } from './dhcpv4/server.ts';
