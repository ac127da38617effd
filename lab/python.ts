/** Small programs of the lab in Python: what Node cannot do, as sending frames raw. */

/**
 * Debian's own. Which `python3` is first on the path is anybody's choice, and one that is a script
 * of a version manager takes ten times as long to start as Python does.
 */
export const PYTHON = '/usr/bin/python3';

/** The command that runs a program which needs nothing but the standard library. */
export function python(program: string, ...args: readonly string[]): string[] {
  return [PYTHON, '-I', '-S', '-c', program, ...args];
}
