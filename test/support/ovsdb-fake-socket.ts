/** A socket without a network: a test hands bytes in and reads what was written, in the same turn. */
import { Duplex } from 'node:stream';

export class FakeSocket extends Duplex {
  readonly sent: string[] = [];
  /** True: written bytes stay in the queue, as with a peer that does not read. */
  stalled = false;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.stalled) return;
    this.sent.push(chunk.toString());
    done();
  }

  /** The peer sends these bytes. */
  receive(bytes: string | Buffer): void {
    this.emit('data', Buffer.from(bytes as string));
  }

  /** The peer sends this message. */
  receiveMessage(message: object): void {
    this.receive(JSON.stringify(message));
  }

  /** What we wrote since the last call, one value a message. */
  takeSent(): unknown[] {
    return this.sent.splice(0).map((text): unknown => JSON.parse(text));
  }
}
