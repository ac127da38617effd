/**
 * DNS in front of the resolvers of guests (RFC 1035, RFC 3596): names of ports of the network are
 * answered, whichever server was asked; all else is the server's, whose answer may say more than we
 * know, of the domain of the settings as of any other.
 *
 * Where a subnet has no servers its guests ask the address of services, behind which there is
 * nobody: they learn that a name of the network does not exist (NXDOMAIN), and of others that they
 * must ask elsewhere (REFUSED, at which resolvers go on at once).
 *
 * A name without an address of the type that was asked for is a success without an answer: passed
 * on, the server would say that there is no such name, which some clients believe for all types.
 * Denials have no SOA record, so that nobody keeps them (RFC 2308 section 5).
 */
import { ETH_TYPE } from '../../openflow/constants.ts';
import { DecodeError } from '../../openflow/wire/index.ts';
import {
  type AddressValue,
  isMulticast,
  parseAddress,
  SERVICE_IPV4,
} from '../../topology/index.ts';
import { isIp4, turnedWithPorts } from '../ends.ts';
import { ethernetType } from '../ethernet.ts';
import { type Datagram6, readUdp6, writeUdp6 } from '../ip6.ts';
import { domainBytes, u32, u128 } from '../option-values.ts';
import type { Udp } from '../udp.ts';
import { type Datagram4, readUdp4, writeUdp4 } from '../udp4.ts';
import type { NetworkNames } from './facts.ts';
import {
  type Answer,
  CLASS_IN,
  decodeQuery,
  encodeReply,
  type Query,
  RCODE,
  type Reply,
  TYPE,
} from './message.ts';

/** What a packet comes to that is somebody else's to answer. */
export const PASSED_ON = Symbol('passed on');

type Datagram = Datagram4 | Datagram6;

/** The frame to send back, or why there is none, in a few words. */
export function answerDns(frame: Buffer, names: NetworkNames): Buffer | string | typeof PASSED_ON {
  let isToUs = false;
  try {
    const datagram = readDatagram(frame);
    isToUs = datagram.destination === SERVICE_IPV4;
    if (isMulticast(datagram.destination)) return PASSED_ON;
    const query = decodeQuery(datagram.payload);
    const reply = resolve(query, names) ?? (isToUs ? deny(query, names) : undefined);
    return reply === undefined ? PASSED_ON : sendBack(datagram, encodeReply(query, reply));
  } catch (error) {
    if (error instanceof DecodeError) return isToUs ? 'malformed' : PASSED_ON;
    throw error;
  }
}

function readDatagram(frame: Buffer): Datagram {
  return ethernetType(frame) === ETH_TYPE.IPV6 ? readUdp6(frame) : readUdp4(frame);
}

/** Undefined for what is no name, or address, of the network's ports. */
function resolve(query: Query, names: NetworkNames): Reply | undefined {
  if (query.name === undefined || query.class !== CLASS_IN) return undefined;
  const answers = forward(query.name, names) ?? reverse(query.name, names);
  if (answers === undefined) return undefined;
  if (query.edns !== undefined && query.edns.version > 0) return denial(RCODE.BADVERS);
  const isAsked = ({ type }: Answer): boolean => query.type === TYPE.ANY || query.type === type;
  return { rcode: RCODE.SUCCESS, answers: answers.filter(isAsked) };
}

function forward(name: string, names: NetworkNames): Answer[] | undefined {
  return names
    .addressesOf(name)
    ?.map((address) =>
      typeof address === 'number'
        ? { type: TYPE.A, data: u32(address) }
        : { type: TYPE.AAAA, data: u128(address) },
    );
}

function reverse(name: string, names: NetworkNames): Answer[] | undefined {
  const address = reversed(name);
  const owner = address === undefined ? undefined : names.nameOf(address);
  const data = owner === undefined ? undefined : domainBytes(owner);
  return data === undefined ? undefined : [{ type: TYPE.PTR, data }];
}

const IPV4_REVERSED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/;
const IPV6_REVERSED = /^((?:[0-9a-f]\.){32})ip6\.arpa$/;

/** The address whose name is asked for (RFC 1035 section 3.5, RFC 3596 section 2.5). */
function reversed(name: string): AddressValue | undefined {
  const octets = IPV4_REVERSED.exec(name);
  if (octets !== null) return parseAddress(octets.slice(1).reverse().join('.'));
  const nibbles = IPV6_REVERSED.exec(name)?.[1];
  if (nibbles === undefined) return undefined;
  return BigInt(`0x${nibbles.split('.').reverse().join('')}`);
}

function deny({ name = '', class: classNumber }: Query, names: NetworkNames): Reply {
  const address = reversed(name);
  const isOwn = address === undefined ? names.isOwn(name) : names.isOwnAddress(address);
  return denial(isOwn && classNumber === CLASS_IN ? RCODE.NXDOMAIN : RCODE.REFUSED);
}

function denial(rcode: number): Reply {
  return { rcode, answers: [] };
}

/** From where it was sent to, so that nobody sees that another has answered. */
function sendBack(asked: Datagram, payload: Buffer): Buffer {
  const back = { ...turnedWithPorts(asked), payload };
  return isIp4<Udp>(back) ? writeUdp4(back) : writeUdp6(back);
}
