/**
 * What a connection remembers, by protocol (lib/conntrack-tcp.c, conntrack-icmp.c and
 * conntrack-other.c). Sequence numbers of TCP are not part of a packet here: all of them fit.
 * Nothing expires: a simulation takes no time.
 */
import type { PacketState } from './packet.ts';
import type { Connection, Tuple, Verdict } from './tracked.ts';
import { PROTO } from './tuple.ts';

/** Whether a packet that belongs to no connection may open one. */
export function mayOpen(packet: PacketState, { protocol }: Tuple): boolean {
  switch (protocol) {
    case PROTO.TCP: {
      const flags = packet.number('tcp_flags');
      return areSound(flags) && (flags & SYN_ACK) !== SYN_ACK;
    }
    case PROTO.ICMP:
      return ICMP_QUERIES.includes(packet.number('icmp_type'));
    case PROTO.ICMPV6:
      return packet.number('icmpv6_type') === ICMPV6_ECHO_REQUEST;
    default:
      return true;
  }
}

export function openConnection(tuple: Tuple): Connection {
  return tuple.protocol === PROTO.TCP ? new TcpConnection(tuple) : new Exchange(tuple);
}

/** Echo, timestamp, information. */
const ICMP_QUERIES = [8, 13, 15];
const ICMPV6_ECHO_REQUEST = 128;

/** UDP, ICMP and the others: established once a reply was seen. */
class Exchange implements Connection {
  readonly tuple: Tuple;
  mark = 0;
  #replied = false;

  constructor(tuple: Tuple) {
    this.tuple = tuple;
  }

  update(_tcpFlags: number, reply: boolean): Verdict {
    if (reply) this.#replied = true;
    return this.#replied ? 'established' : 'new';
  }
}

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;
const URG = 0x20;
const SYN_ACK = SYN | ACK;

/** No SYN that also ends, some of SYN, ACK and RST, and without ACK none of the other flags. */
function areSound(flags: number): boolean {
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(SYN) ? has(RST | FIN) : !has(ACK | RST)) return false;
  return has(ACK) || !has(FIN | PSH | URG);
}

/** States of one side, in their order (lib/ct-dpif.h); a side never is in one that is left out. */
const CLOSED = 0;
const SYN_SENT = 2;
const ESTABLISHED = 4;
const CLOSING = 7;
const FIN_WAIT_2 = 9;
const TIME_WAIT = 10;

class TcpConnection implements Connection {
  readonly tuple: Tuple;
  mark = 0;
  /** Of the side that opened, and of the other. */
  readonly #opener = { state: SYN_SENT };
  readonly #responder = { state: CLOSED };

  constructor(tuple: Tuple) {
    this.tuple = tuple;
  }

  update(flags: number, reply: boolean): Verdict {
    if (!areSound(flags)) return 'invalid';
    const [sender, receiver] = reply
      ? [this.#responder, this.#opener]
      : [this.#opener, this.#responder];
    if ((flags & SYN_ACK) === SYN) {
      if (sender.state >= FIN_WAIT_2 && receiver.state >= FIN_WAIT_2) return 'over';
      if (sender.state <= SYN_SENT) {
        sender.state = SYN_SENT;
        return 'new';
      }
    }
    if (sender.state < SYN_SENT) sender.state = SYN_SENT;
    if ((flags & FIN) !== 0 && sender.state < CLOSING) sender.state = CLOSING;
    if ((flags & ACK) !== 0) acknowledge(receiver);
    if ((flags & RST) !== 0) sender.state = receiver.state = TIME_WAIT;
    return 'established';
  }
}

function acknowledge(side: { state: number }): void {
  if (side.state === SYN_SENT) side.state = ESTABLISHED;
  else if (side.state === CLOSING) side.state = FIN_WAIT_2;
}
