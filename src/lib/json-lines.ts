/**
 * Records for machines: one JSON object a line, appended to a file or written to standard error.
 */
import { pino } from 'pino';

export interface JsonLines {
  write(record: object): void;
}

export interface JsonLinesOptions {
  /** Created for its owner alone. Absent: standard error. */
  readonly path?: string | undefined;
  /** A line could not be written (the disk is full, the folder is gone); more may be lost. */
  readonly failed: (error: Error) => void;
}

/** What waits for a disk that takes nothing; lines beyond it are lost. */
const UNWRITTEN_BYTES_MAX = 1024 * 1024;

/** Throws when the file cannot be opened. Each line is handed to the system before `write` ends. */
export function openJsonLines({ path, failed }: JsonLinesOptions): JsonLines {
  const dest = path ?? 2;
  const options = { dest, append: true, sync: true, mode: 0o600, maxLength: UNWRITTEN_BYTES_MAX };
  const destination = pino.destination(options);
  destination.on('error', failed);
  return { write: (record) => void destination.write(`${JSON.stringify(record)}\n`) };
}
