/** What guests send, as frames: a DHCP client that begins, and a resolver that asks. */
import { encodeDhcp, MESSAGE_TYPE, OP, OPTION } from '../src/services/dhcpv4/message.ts';
import { BROADCAST_MAC } from '../src/services/ethernet.ts';
import { domainBytes } from '../src/services/option-values.ts';
import { writeUdp4 } from '../src/services/udp4.ts';

/** Of a MAC address, as a 48-bit number. */
export function discover(mac: number): Buffer {
  const payload = encodeDhcp({
    op: OP.REQUEST,
    xid: 1,
    secs: 0,
    flags: 0,
    ciaddr: 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: 0,
    chaddr: mac,
    sname: '',
    file: '',
    options: new Map([[OPTION.MESSAGE_TYPE, Buffer.from([MESSAGE_TYPE.DISCOVER])]]),
  });
  return writeUdp4({
    sourceMac: mac,
    destinationMac: BROADCAST_MAC,
    source: 0,
    destination: 0xffff_ffff,
    sourcePort: 68,
    destinationPort: 67,
    payload,
  });
}

/** For the IPv4 address of a name. */
export function query(from: { mac: number; address: number }, name: string): Buffer {
  const head = Buffer.from('000101000001000000000000', 'hex');
  const question = [domainBytes(name) ?? Buffer.alloc(1), Buffer.from([0, 1, 0, 1])];
  return writeUdp4({
    sourceMac: from.mac,
    destinationMac: 0x0200_0100_0000,
    source: from.address,
    destination: 0x0808_0808,
    sourcePort: 40_000,
    destinationPort: 53,
    payload: Buffer.concat([head, ...question]),
  });
}

/** A gratuitous ARP request: somebody has this address (RFC 5227, section 3). */
export function gratuitousArp({ mac, address }: { mac: number; address: number }): Buffer {
  const sender = Buffer.alloc(10);
  sender.writeUIntBE(mac, 0, 6);
  sender.writeUInt32BE(address, 6);
  const head = Buffer.concat([
    Buffer.alloc(6, 0xff),
    sender.subarray(0, 6),
    Buffer.from('0806' + '0001080006040001', 'hex'),
  ]);
  return Buffer.concat([head, sender, Buffer.alloc(6), sender.subarray(6), Buffer.alloc(18)]);
}
