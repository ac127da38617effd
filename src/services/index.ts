/** What guests ask the controller, and its answers: packet bytes and facts to packet bytes. */
export { dhcp4Facts } from './dhcpv4/facts.ts';
export { answerDhcp4 } from './dhcpv4/server.ts';
export { dhcp6Facts } from './dhcpv6/facts.ts';
export { answerDhcp6 } from './dhcpv6/server.ts';
export { NetworkNames } from './dns/facts.ts';
export { answerDns, PASSED_ON } from './dns/server.ts';
export { turnedWithPorts } from './ends.ts';
export { ethernetSource } from './ethernet.ts';
export { type HttpRequest, RequestReader } from './http/request-reader.ts';
export { type HttpResponse, plainResponse, responseBytes } from './http/response.ts';
export { type Instance, instanceOf } from './metadata/instance.ts';
export { readMetadataPacket } from './metadata/packet.ts';
export { igmpQuery } from './multicast/igmp.ts';
export { mldQuery } from './multicast/mld.ts';
export { readReports } from './multicast/report.ts';
export { type QueryTiming, queryTiming, ROBUSTNESS } from './multicast/timing.ts';
export {
  type Advertiser,
  advertisement,
  answerSolicitation,
  withdrawal,
} from './router/advertisement.ts';
export { advertisersOf } from './router/facts.ts';
export type { ServiceSettings } from './settings.ts';
export {
  answerCaller,
  mssOf,
  refuse,
  TcpConnection,
  type TcpEnds,
  type TcpFrame,
  writeTcpFrame,
} from './tcp/index.ts';
export { answerTooBig } from './too-big.ts';
