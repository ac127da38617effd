/**
 * A DHCP server without leases (RFC 2131 section 4.3): the address of a port follows from intent,
 * so that any controller gives the same answer at any time and nothing has to be remembered.
 *
 *     DISCOVER ─▶ OFFER            INFORM  ─▶ ACK without an address
 *     REQUEST  ─▶ ACK, or NAK      DECLINE, RELEASE ─▶ nothing to do
 *
 * The server identifier is the link-local address of services: see topology/service-address.ts.
 */
import { DecodeError } from '../../openflow/wire/index.ts';
import { SERVICE_IPV4, SERVICE_MAC } from '../../topology/index.ts';
import { BROADCAST_MAC } from '../ethernet.ts';
import { type Datagram4, readUdp4, writeUdp4 } from '../udp4.ts';
import type { Dhcp4Facts, Lease } from './facts.ts';
import {
  type DhcpMessage,
  decodeDhcp,
  encodeDhcp,
  FLAG_BROADCAST,
  MESSAGE_TYPE,
  OP,
  OPTION,
} from './message.ts';
import { bootFields, configuration, fitting, identity } from './reply-options.ts';

const PORT = { SERVER: 67, CLIENT: 68 } as const;
const BROADCAST = 0xffff_ffff;

/** What a client says, as far as its address is concerned. */
interface Question {
  readonly datagram: Datagram4;
  readonly message: DhcpMessage;
  readonly facts: Dhcp4Facts;
}

/** The frame to send back, or why there is none, in a few words. */
export function answerDhcp4(frame: Buffer, facts: Dhcp4Facts): Buffer | string {
  try {
    const datagram = readUdp4(frame);
    const message = decodeDhcp(datagram.payload);
    const question = { datagram, message, facts };
    return strangeness(question) ?? answer(question);
  } catch (error) {
    if (error instanceof DecodeError) return 'malformed';
    throw error;
  }
}

/** Why nobody should answer; undefined for a question of the port about itself. */
function strangeness({ datagram, message, facts }: Question): string | undefined {
  if (message.op !== OP.REQUEST) return 'no question';
  if (message.giaddr !== 0) return 'of a relay';
  if (message.chaddr !== facts.mac) return 'for another MAC address';
  const isOwn = (address: number): boolean => address === 0 || facts.addresses.includes(address);
  return isOwn(datagram.source) ? undefined : 'from another address';
}

function answer(question: Question): Buffer | string {
  const { message } = question;
  switch (message.options.get(OPTION.MESSAGE_TYPE)?.[0]) {
    case MESSAGE_TYPE.DISCOVER:
      return offer(question);
    case MESSAGE_TYPE.REQUEST:
      return decide(question);
    case MESSAGE_TYPE.INFORM:
      return inform(question);
    case MESSAGE_TYPE.DECLINE:
      return 'declined: another has the address';
    case MESSAGE_TYPE.RELEASE:
      return 'released';
    default:
      return 'no question';
  }
}

function offer(question: Question): Buffer {
  const { leases } = question.facts;
  const wanted = requestedAddress(question.message);
  const lease = leases.find(({ address }) => address === wanted) ?? leases[0];
  return grant(question, lease, MESSAGE_TYPE.OFFER);
}

/** Selecting, init-reboot, renewing, rebinding: what is asked for is ours to give, or it is not. */
function decide(question: Question): Buffer | string {
  const { message, facts } = question;
  const server = addressOption(message, OPTION.SERVER_ID);
  if (server !== undefined && server !== SERVICE_IPV4) return 'for another server';
  const wanted = requestedAddress(message) ?? message.ciaddr;
  const lease = facts.leases.find(({ address }) => address === wanted);
  return lease === undefined ? refuse(question) : grant(question, lease, MESSAGE_TYPE.ACK);
}

/** To one that has its address otherwise: what it should know, and no lease (section 4.3.5). */
function inform(question: Question): Buffer | string {
  const { message, facts } = question;
  const lease = facts.leases.find(({ address }) => address === message.ciaddr);
  if (lease === undefined) return 'about another address';
  const options = configuration(facts, lease, message);
  for (const code of [OPTION.LEASE_TIME, OPTION.T1, OPTION.T2]) options.delete(code);
  return reply(question, { type: MESSAGE_TYPE.ACK, yiaddr: 0, options });
}

function grant(question: Question, lease: Lease, type: number): Buffer {
  const options = configuration(question.facts, lease, question.message);
  return reply(question, { type, yiaddr: lease.address, options });
}

function refuse(question: Question): Buffer {
  const reason = Buffer.from('this port has another address');
  return reply(question, {
    type: MESSAGE_TYPE.NAK,
    yiaddr: 0,
    options: new Map([[OPTION.MESSAGE, reason]]),
  });
}

interface Reply {
  readonly type: number;
  readonly yiaddr: number;
  readonly options: ReadonlyMap<number, Buffer>;
}

function reply({ message, facts }: Question, { type, yiaddr, options }: Reply): Buffer {
  const isRefusal = type === MESSAGE_TYPE.NAK;
  const isBroadcast = isRefusal || (message.ciaddr === 0 && isBroadcastWanted(message));
  const boot = isRefusal ? { siaddr: 0, sname: '', file: '' } : bootFields(facts, message);
  const payload = encodeDhcp({
    op: OP.REPLY,
    xid: message.xid,
    secs: 0,
    flags: message.flags,
    ciaddr: isRefusal ? 0 : message.ciaddr,
    yiaddr,
    giaddr: 0,
    chaddr: message.chaddr,
    ...boot,
    options: fitting(identity(type, message), options, message),
  });
  return writeUdp4({
    sourceMac: SERVICE_MAC,
    destinationMac: isBroadcast ? BROADCAST_MAC : facts.mac,
    source: SERVICE_IPV4,
    destination: isBroadcast ? BROADCAST : message.ciaddr || yiaddr,
    sourcePort: PORT.SERVER,
    destinationPort: PORT.CLIENT,
    payload,
  });
}

function isBroadcastWanted({ flags }: DhcpMessage): boolean {
  return (flags & FLAG_BROADCAST) !== 0;
}

function requestedAddress(message: DhcpMessage): number | undefined {
  return addressOption(message, OPTION.REQUESTED_ADDRESS);
}

function addressOption({ options }: DhcpMessage, code: number): number | undefined {
  const value = options.get(code);
  return value?.length === 4 ? value.readUInt32BE(0) : undefined;
}
