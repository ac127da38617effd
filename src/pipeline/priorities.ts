/**
 * Priorities by meaning. Inside a table only the order counts; the gaps are room for what comes.
 */

export const PRIORITY = {
  /** The table-miss flow, one a table. */
  miss: 0,
  /** "Everything else of this port, or of this network": a drop that is counted. */
  rest: 10,
  /** What guests have shown, where intent itself says nothing. */
  learned: 50,
  /** What the table is for. */
  normal: 100,
  /** An exception to `normal`. */
  exception: 200,
  /** Drops what no `normal` flow may let through. */
  guard: 300,
  /** Goes round the guards: ports without port security. */
  bypass: 400,
  /** Drops what nobody may send, whatever else is said about them. */
  sanity: 500,
} as const;

export type Priority = (typeof PRIORITY)[keyof typeof PRIORITY];

/** What each priority means, for docs/pipeline.md. */
export const PRIORITY_MEANINGS: Readonly<Record<keyof typeof PRIORITY, string>> = {
  miss: 'The table-miss flow, one a table.',
  rest: 'Everything else of one port or network: a drop that is counted.',
  learned: 'What guests have shown, where intent itself says nothing.',
  normal: 'What the table is for.',
  exception: 'An exception to `normal`.',
  guard: 'Drops what no `normal` flow may let through.',
  bypass: 'Goes round the guards: ports without port security.',
  sanity: 'Drops what nobody may send.',
};
