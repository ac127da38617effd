/** A logger whose lines a test can look at. */
import type { LogFields, Logger } from '../../src/lib/log.ts';

export function recordingLogger(lines: LogFields[], fields: LogFields = {}): Logger {
  const take = (message: string, more: LogFields = {}): void => {
    lines.push({ ...fields, ...more, message });
  };
  return {
    debug: take,
    info: take,
    warn: take,
    error: take,
    child: (more) => recordingLogger(lines, { ...fields, ...more }),
  };
}
