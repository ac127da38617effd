/** Reads the pcap stream that `tcpdump -w -` writes (pcap-savefile(5), native byte order). */

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAGIC_LITTLE_ENDIAN = 0xa1b2c3d4;

export class PcapReader {
  readonly frames: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #headerRead = false;

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (!this.#headerRead) {
      if (this.#rest.length < FILE_HEADER) return;
      if (this.#rest.readUInt32LE(0) !== MAGIC_LITTLE_ENDIAN) throw new Error('not a pcap stream');
      this.#rest = this.#rest.subarray(FILE_HEADER);
      this.#headerRead = true;
    }
    while (this.#rest.length >= RECORD_HEADER) {
      const end = RECORD_HEADER + this.#rest.readUInt32LE(8);
      if (this.#rest.length < end) return;
      this.frames.push(this.#rest.subarray(RECORD_HEADER, end));
      this.#rest = this.#rest.subarray(end);
    }
  }
}
