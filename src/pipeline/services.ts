/**
 * Why a flow hands a packet to the controller: the first byte of its userdata (NXAST_CONTROLLER2)
 * is the number of a service. What follows is between the flow and the service.
 */

/** What guests ask. A number is never given to another service. */
const ASKED = { dhcpv4: 1, dhcpv6: 2, 'router-solicitation': 3 } as const;

/** What the controller answers. */
const ANSWERED = {
  ...ASKED,
  /** No question, but a guest has to be told. */
  'packet-too-big': 4,
} as const;

/** What the controller is told of packets that go on as if it were not. */
const TELLINGS = {
  /** The port sends at the place where its VM arrives. */
  activation: 8,
  /** The port says that it has an address which is not its own. */
  announcement: 9,
  /** It is to be written down (logged.ts). */
  log: 16,
} as const;

export const SERVICES = {
  ...ANSWERED,
  /** Asked of whoever the guest's resolver is: what has no answer here goes on to it. */
  dns: 5,
  /** No single question: packets of a connection, and who has the address of the service. */
  metadata: 6,
  /** Which multicast groups a port listens to. */
  multicast: 10,
  ...TELLINGS,
} as const;

export type Service = keyof typeof SERVICES;

/** A service that guests ask. */
export type AskedService = keyof typeof ASKED;

export const ASKED_SERVICES = Object.keys(ASKED) as AskedService[];

/** A service whose packets the controller answers. */
export type AnsweredService = keyof typeof ANSWERED;

export const ANSWERED_SERVICES = Object.keys(ANSWERED) as AnsweredService[];

/** A service that a network may have for its ports. */
export type OfferedService = AskedService | 'metadata';

export const OFFERED_SERVICES: readonly OfferedService[] = [...ASKED_SERVICES, 'metadata'];

export function isTelling(service: string): service is keyof typeof TELLINGS {
  return service in TELLINGS;
}

const NO_BYTES: Buffer = Buffer.alloc(0);

const NAMES = new Map<number, Service>(
  Object.entries(SERVICES).map(([name, number]) => [number, name as Service]),
);

export function serviceUserdata(service: Service, parameters = NO_BYTES): Buffer {
  return Buffer.concat([Buffer.from([SERVICES[service]]), parameters]);
}

/** Undefined for what is none of ours. */
export function readUserdata(
  userdata: Buffer | undefined,
): { readonly service: Service; readonly parameters: Buffer } | undefined {
  const service = NAMES.get(userdata?.[0] ?? 0);
  if (userdata === undefined || service === undefined) return undefined;
  return { service, parameters: userdata.subarray(1) };
}
