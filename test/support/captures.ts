/** What a dummy port of Open vSwitch wrote down (`options:tx_pcap`). */

/** Frames of a file in hex (pcap: 24 bytes of header, then 16 before each frame). */
export function framesOf(pcap: Buffer): string[] {
  const frames: string[] = [];
  for (let at = 24; at + 16 <= pcap.length; ) {
    const length = pcap.readUInt32LE(at + 8);
    if (at + 16 + length > pcap.length) break;
    frames.push(pcap.toString('hex', at + 16, at + 16 + length));
    at += 16 + length;
  }
  return frames;
}
