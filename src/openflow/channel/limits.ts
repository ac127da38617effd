/** How long a channel waits for its peer, and how much it keeps for it. */

export interface ChannelLimits {
  /** A peer that is silent for so long is sent an echo request; for twice as long: closed. */
  readonly echoIntervalMs: number;
  /** From the connection to the features reply. */
  readonly handshakeMs: number;
  /** A request of which nothing is heard for so long closes the channel. */
  readonly replyMs: number;
  /** Requests that wait for a reply at the same time. */
  readonly pendingMax: number;
  /** Bytes that wait to be sent; beyond, the peer does not read and is closed. */
  readonly outgoingBytesMax: number;
  /** Bytes of one multipart reply, all parts together. */
  readonly replyBytesMax: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: ChannelLimits = {
  echoIntervalMs: 5_000,
  handshakeMs: 5_000,
  replyMs: 60_000,
  pendingMax: 4_096,
  outgoingBytesMax: 64 * MIB,
  // Small flows take ten times their bytes once decoded: no one switch may fill the process.
  replyBytesMax: 32 * MIB,
};
