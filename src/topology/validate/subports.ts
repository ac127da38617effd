/** Reads the subports of a trunk as requests name them, with Neutron's refusals. */
import { invalidInput } from '../intent-error.ts';
import { badRequest } from './attributes.ts';
import { checkCount, isObject, type Read, Rejected, reader, show, uuid } from './values.ts';

/** `inherit`: the VLAN of the port's network is meant, and no segmentation is named. */
export interface SubportRequest {
  readonly port_id: string;
  readonly segmentation_type?: string;
  readonly segmentation_id?: unknown;
}

const SUBPORT = {
  type: 'object',
  properties: {
    port_id: { type: 'string', format: 'uuid' },
    segmentation_type: { type: 'string' },
    segmentation_id: { type: 'integer' },
  },
};

export const readSubports: Read<readonly SubportRequest[]> = reader(
  { type: 'array', items: SUBPORT },
  (value) => {
    if (!Array.isArray(value)) {
      throw new Rejected(`Invalid data format for subports: '${show(value)}' is not a list`);
    }
    checkCount('subport', value);
    const requests = value.map(readSubport);
    checkDistinct(requests);
    return requests;
  },
);

/** The subports in the body of `add_subports` and `remove_subports`. */
export function readSubportBody(body: unknown): readonly SubportRequest[] {
  if (!isObject(body) || !('sub_ports' in body)) {
    throw badRequest("Unable to find 'sub_ports' in request body");
  }
  try {
    return readSubports(body['sub_ports']);
  } catch (error) {
    throw error instanceof Rejected ? invalidInput(error.message) : error;
  }
}

function readSubport(value: unknown): SubportRequest {
  if (!isObject(value)) {
    throw new Rejected(`Invalid data format for subport: '${show(value)}' is not a dict`);
  }
  const { port_id: port, segmentation_type: type, segmentation_id: id } = value;
  if (port === undefined) throw new Rejected('A valid port UUID must be specified');
  const request = { port_id: readPortId(port), ...readType(type) };
  if (type === 'inherit') return request;
  const isHalf = !type || id === undefined || id === null;
  if (isHalf && Object.keys(value).length > 1) throw new Rejected(missingSegmentation(value));
  return isHalf ? request : { ...request, segmentation_id: id };
}

function readPortId(value: unknown): string {
  try {
    return uuid(value);
  } catch {
    throw new Rejected(`Invalid UUID for subport: '${show(value)}'`);
  }
}

function readType(value: unknown): { segmentation_type?: string } {
  if (value === undefined || value === null) return {};
  if (typeof value === 'string') return { segmentation_type: value };
  throw new Rejected(`Unknown segmentation_type '${show(value)}'`);
}

export function missingSegmentation(subport: object): string {
  const rule = 'Must specify both segmentation_id and segmentation_type';
  return `Invalid subport details '${show(subport)}': missing segmentation information. ${rule}`;
}

function checkDistinct(requests: readonly SubportRequest[]): void {
  const [ports, segments] = [new Set<string>(), new Set<string>()];
  for (const { port_id: port, segmentation_type: type, segmentation_id: id } of requests) {
    if (ports.has(port)) throw new Rejected(`Non unique UUID for subport: '${port}'`);
    ports.add(port);
    if (id === undefined) continue;
    const segment = `${type} ${show(id)}`;
    if (segments.has(segment)) {
      throw new Rejected(`Segmentation ID '${show(id)}' for '${port}' is not unique`);
    }
    segments.add(segment);
  }
}
