/**
 * What guests may ask the controller: a packet that a flow hands to it carries the number of the
 * service in the first byte of its userdata (NXAST_CONTROLLER2). What follows is between the flow
 * and the service.
 */

/** A number is never given to another service. */
export const SERVICES = {
  dhcpv4: 1,
  dhcpv6: 2,
  'router-solicitation': 3,
  /** No question: a packet that is written down (logged.ts). */
  log: 16,
} as const;

export type Service = keyof typeof SERVICES;

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
