/**
 * Records for machines: one JSON object a line, appended to a file or written to standard output
 * or error.
 */
import { openSync } from 'node:fs';
import { pino } from 'pino';

export interface JsonLines {
  write(record: object): void;
  /** Hands over what still waits. */
  close(): void;
}

export interface JsonLinesOptions {
  /** A file, created for its owner alone, or one of the words. */
  readonly to: 'stdout' | 'stderr' | { readonly file: string };
  /**
   * Whether each line is handed to the system before `write` ends; if not, nobody waits for a slow
   * disk or reader, and lines beyond a megabyte are lost.
   */
  readonly atOnce: boolean;
  /** A line could not be written (the disk is full, the folder is gone); more may be lost. */
  readonly failed: (error: Error) => void;
}

/** What waits for a disk that takes nothing; lines beyond it are lost. */
const UNWRITTEN_BYTES_MAX = 1024 * 1024;

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

/** Throws when the file cannot be opened. */
export function openJsonLines({ to, atOnce, failed }: JsonLinesOptions): JsonLines {
  const dest = typeof to === 'string' ? DESCRIPTORS[to] : openSync(to.file, 'a', 0o600);
  const destination = pino.destination({ dest, sync: atOnce, maxLength: UNWRITTEN_BYTES_MAX });
  destination.on('error', failed);
  return {
    write: (record) => void destination.write(`${JSON.stringify(record)}\n`),
    close: () => destination.flushSync(),
  };
}
