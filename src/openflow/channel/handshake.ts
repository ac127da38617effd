/** The hello of both sides: is there a version in common (OpenFlow 1.5.1 §6.3.1). */
import { OFP_VERSION } from '../constants.ts';
import { encodeMessage, type Hello } from '../messages/index.ts';

const OFPET_HELLO_FAILED = 0;
const OFPHFC_INCOMPATIBLE = 0;

/**
 * Whether the peer speaks our version. With a bitmap the bitmap decides; without one the peer
 * speaks every version up to that of its hello's header.
 */
export function speaksOurVersion(headerVersion: number, hello: Hello): boolean {
  if (hello.versions.length > 0) return hello.versions.includes(OFP_VERSION);
  return headerVersion >= OFP_VERSION;
}

/** What to call the versions of a peer that does not. */
export function describeVersions(headerVersion: number, hello: Hello): string {
  const versions = hello.versions.length > 0 ? hello.versions : [headerVersion];
  return versions.map((version) => `0x${version.toString(16).padStart(2, '0')}`).join(', ');
}

/** The error that ends such a connection, in the peer's own version so that it can read it. */
export function helloFailed(headerVersion: number, xid: number, text: string): Buffer {
  const error = {
    type: 'OFPT_ERROR',
    errorType: OFPET_HELLO_FAILED,
    code: OFPHFC_INCOMPATIBLE,
    data: Buffer.from(text, 'ascii'),
  } as const;
  const bytes = encodeMessage(error, xid);
  bytes[0] = Math.min(headerVersion, OFP_VERSION);
  return bytes;
}
