/** How much of us one peer can have: every queue and buffer of a connection has a limit. */

export interface Limits {
  /** The longest message that we read, in bytes. */
  readonly messageBytesMax: number;
  /** The deepest nesting of arrays and objects that we read. */
  readonly depthMax: number;
  /** The most requests of ours that wait for a reply. */
  readonly pendingMax: number;
  /** The most bytes that we keep for a peer that does not read them. */
  readonly sendBytesMax: number;
  /** The most bytes, roughly, that the rows of one replica may hold. */
  readonly replicaBytesMax: number;
  /** The most peers that one listener serves at a time. */
  readonly connectionsMax: number;
  /** The most bytes of unfinished messages of all peers of a listener, small ones apart. */
  readonly unfinishedBytesMax: number;
}

const MIB = 1024 * 1024;

/** A host of thousands of ports needs about a megabyte of each. */
export const DEFAULT_LIMITS: Limits = {
  messageBytesMax: 16 * MIB,
  depthMax: 64,
  pendingMax: 1024,
  sendBytesMax: 16 * MIB,
  replicaBytesMax: 64 * MIB,
  connectionsMax: 4096,
  unfinishedBytesMax: 256 * MIB,
};
