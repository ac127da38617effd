/** What a dummy port of Open vSwitch wrote down (`options:tx_pcap`). */
import { type FileHandle, open } from 'node:fs/promises';

/** Bytes at the start of a file, and before each frame. */
const FILE_HEADER = 24;
const FRAME_HEADER = 16;

/** Frames of a file, or of what follows its header, in hex. */
export function framesOf(pcap: Buffer, start = FILE_HEADER): string[] {
  const frames: string[] = [];
  for (let at = start; at + FRAME_HEADER <= pcap.length; ) {
    const length = pcap.readUInt32LE(at + 8);
    const from = at + FRAME_HEADER;
    if (from + length > pcap.length) break;
    frames.push(pcap.toString('hex', from, from + length));
    at = from + length;
  }
  return frames;
}

/** A file that grows. */
export class Capture {
  readonly #file: FileHandle;
  #read = FILE_HEADER;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<Capture> {
    return new Capture(await open(path));
  }

  /** Frames, in hex, that came since it was last asked. */
  async fresh(): Promise<string[]> {
    const { size } = await this.#file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - this.#read));
    if (bytes.length === 0) return [];
    await this.#file.read(bytes, 0, bytes.length, this.#read);
    this.#read = size;
    return framesOf(bytes, 0);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
