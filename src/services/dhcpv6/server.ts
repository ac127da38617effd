/**
 * A DHCPv6 server without leases (RFC 8415 section 18.3): what a port has follows from intent, as
 * in DHCP for IPv4. The first identity association of a client gets all of the port's addresses.
 *
 *     SOLICIT             ─▶ ADVERTISE, or REPLY where the client commits rapidly
 *     REQUEST, RENEW, REBIND, CONFIRM, RELEASE, DECLINE, INFORMATION-REQUEST ─▶ REPLY
 */
import { DecodeError } from '../../openflow/wire/index.ts';
import { SERVICE_IPV6, SERVICE_MAC } from '../../topology/index.ts';
import { type Datagram6, readUdp6, writeUdp6 } from '../ip6.ts';
import { domainBytes, u128 } from '../option-values.ts';
import type { Dhcp6Facts } from './facts.ts';
import {
  type Association,
  addressOption,
  associationOption,
  type Dhcp6Message,
  decodeAssociation,
  decodeDhcp6,
  encodeDhcp6,
  MESSAGE_TYPE,
  OPTION,
  type Option6,
  STATUS,
  statusOption,
} from './message.ts';
import { optionOf } from './options.ts';

const PORT = { SERVER: 547, CLIENT: 546 } as const;

/** DUID-LL (section 11.4) of the MAC address of services: the same wherever one is asked. */
const SERVER_DUID = Buffer.from(`00030001${SERVICE_MAC.toString(16).padStart(12, '0')}`, 'hex');

interface Question {
  readonly datagram: Datagram6;
  readonly message: Dhcp6Message;
  readonly facts: Dhcp6Facts;
}

/** The frame to send back, or why there is none, in a few words. */
export function answerDhcp6(frame: Buffer, facts: Dhcp6Facts): Buffer | string {
  try {
    const datagram = readUdp6(frame);
    const message = decodeDhcp6(datagram.payload);
    const question = { datagram, message, facts };
    return strangeness(question) ?? answer(question);
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed';
    throw error;
  }
}

/** Which messages name a server, and which name none (section 16). */
const TO_SERVER: readonly number[] = [
  MESSAGE_TYPE.REQUEST,
  MESSAGE_TYPE.RENEW,
  MESSAGE_TYPE.RELEASE,
  MESSAGE_TYPE.DECLINE,
];
const TO_ANY: readonly number[] = [MESSAGE_TYPE.SOLICIT, MESSAGE_TYPE.CONFIRM, MESSAGE_TYPE.REBIND];

function strangeness({ message, datagram }: Question): string | undefined {
  if (datagram.source === 0n) return 'from no address';
  const server = optionsOf(message, OPTION.SERVER_ID)[0];
  if (message.type === MESSAGE_TYPE.INFORMATION_REQUEST) {
    return server === undefined || server.equals(SERVER_DUID) ? undefined : 'for another server';
  }
  const isKnown = TO_SERVER.includes(message.type) || TO_ANY.includes(message.type);
  if (!isKnown || clientOf(message) === undefined) return 'no question';
  if (TO_ANY.includes(message.type)) return server === undefined ? undefined : 'no question';
  return server?.equals(SERVER_DUID) === true ? undefined : 'for another server';
}

function answer(question: Question): Buffer | string {
  switch (question.message.type) {
    case MESSAGE_TYPE.SOLICIT:
      return solicited(question);
    case MESSAGE_TYPE.CONFIRM:
      return confirm(question);
    case MESSAGE_TYPE.RELEASE:
    case MESSAGE_TYPE.DECLINE:
      return reply(question, [statusOption(STATUS.SUCCESS, 'noted')]);
    case MESSAGE_TYPE.INFORMATION_REQUEST:
      return reply(question, configuration(question));
    default:
      return reply(question, [...grants(question), ...configuration(question)]);
  }
}

function solicited(question: Question): Buffer {
  const content = [...grants(question), ...configuration(question)];
  const rapid: Option6 = { code: OPTION.RAPID_COMMIT, value: Buffer.alloc(0) };
  const isRapid = optionsOf(question.message, OPTION.RAPID_COMMIT).length > 0;
  return isRapid
    ? reply(question, [rapid, ...content])
    : reply(question, content, MESSAGE_TYPE.ADVERTISE);
}

/** Whether the addresses of a client that was away belong here (section 18.3.3). */
function confirm(question: Question): Buffer | string {
  const asked = associations(question).flatMap(({ addresses }) => addresses);
  if (asked.length === 0) return 'about no address';
  const isHere = asked.every((address) => question.facts.addresses.includes(address));
  return reply(question, [
    isHere
      ? statusOption(STATUS.SUCCESS, 'they are yours')
      : statusOption(STATUS.NOT_ON_LINK, 'this port has other addresses'),
  ]);
}

/** One answer to each association that the client has. */
function grants(question: Question): Option6[] {
  const all = associations(question);
  const first = all.find(({ code }) => code === OPTION.IA_NA);
  return all.map((association) => grant(question.facts, association, association === first));
}

function grant(facts: Dhcp6Facts, association: Association, isFirst: boolean): Option6 {
  const { code, addresses: asked } = association;
  if (code === OPTION.IA_PD) {
    return refusal(association, statusOption(STATUS.NO_PREFIX, 'no prefix is delegated'));
  }
  const own = code === OPTION.IA_NA && isFirst ? facts.addresses : [];
  const none = statusOption(STATUS.NO_ADDRESSES, 'this port has no address by DHCPv6');
  if (own.length === 0) return refusal(association, none);
  const { leaseS } = facts;
  // What the client has and should not have ends at once.
  const wrong = asked.filter((address) => !own.includes(address));
  return associationOption(
    association,
    { renewS: Math.floor(leaseS / 2), rebindS: Math.floor((leaseS * 4) / 5) },
    [
      ...own.map((address) => addressOption(address, leaseS)),
      ...wrong.map((address) => addressOption(address, 0)),
    ],
  );
}

function refusal(association: Association, status: Option6): Option6 {
  return associationOption(association, { renewS: 0, rebindS: 0 }, [status]);
}

/** What belongs to the addresses, and what the port says itself, which goes before. */
function configuration({ message, facts }: Question): Option6[] {
  const { nameservers, domain, extra } = facts;
  const options = new Map<number, Buffer>();
  if (nameservers.length > 0) options.set(OPTION.DNS_SERVERS, Buffer.concat(nameservers.map(u128)));
  const name = domain === '' ? undefined : domainBytes(domain);
  if (name !== undefined) options.set(OPTION.DOMAIN_LIST, name);
  for (const { opt_name, opt_value } of extra) {
    const option = optionOf(opt_name);
    const value = option?.read(opt_value);
    if (option !== undefined && value !== undefined) options.set(option.code, value);
  }
  const wanted = requestedCodes(message);
  return [...options].flatMap(([code, value]) => (wanted.has(code) ? { code, value } : []));
}

function requestedCodes(message: Dhcp6Message): Set<number> {
  const [list = Buffer.alloc(0)] = optionsOf(message, OPTION.REQUESTED);
  const codes = new Set<number>();
  for (let at = 0; at + 1 < list.length; at += 2) codes.add(list.readUInt16BE(at));
  return codes;
}

const ASSOCIATIONS: readonly number[] = [OPTION.IA_NA, OPTION.IA_TA, OPTION.IA_PD];

/** More would make the answer longer than a frame. */
const ASSOCIATIONS_MAX = 8;

function associations({ message }: Question): Association[] {
  return message.options
    .filter(({ code }) => ASSOCIATIONS.includes(code))
    .slice(0, ASSOCIATIONS_MAX)
    .map(decodeAssociation);
}

function reply(
  { datagram, message, facts }: Question,
  content: readonly Option6[],
  type: number = MESSAGE_TYPE.REPLY,
): Buffer {
  const client = clientOf(message);
  const ids: Option6[] = [{ code: OPTION.SERVER_ID, value: SERVER_DUID }];
  if (client !== undefined) ids.unshift({ code: OPTION.CLIENT_ID, value: client });
  const { transaction } = message;
  return writeUdp6({
    sourceMac: SERVICE_MAC,
    destinationMac: facts.mac,
    source: SERVICE_IPV6,
    destination: datagram.source,
    sourcePort: PORT.SERVER,
    destinationPort: PORT.CLIENT,
    payload: encodeDhcp6({ type, transaction, options: [...ids, ...content] }),
  });
}

/** A DUID has at most so many bytes (section 11.1). */
const DUID_LENGTH_MAX = 130;

/** Undefined unless it gives exactly one that can be one. */
function clientOf(message: Dhcp6Message): Buffer | undefined {
  const [client, another] = optionsOf(message, OPTION.CLIENT_ID);
  const isOne = another === undefined && (client?.length ?? 0) <= DUID_LENGTH_MAX;
  return isOne ? client : undefined;
}

function optionsOf({ options }: Dhcp6Message, wanted: number): Buffer[] {
  return options.flatMap(({ code, value }) => (code === wanted ? value : []));
}
