/**
 * The Lua scripts of `commands/`, named `<command>-<number of keys>.lua`.
 * `tsc` copies no Lua, so they are read from the source tree, below the package's root, by the
 * compiled program as well.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { assert } from '../lib/assert.ts';

export class Script {
  readonly #text: string;
  readonly #sha: string;
  readonly #keyCount: number;

  /** @param name as the file is called, without `.lua` */
  constructor(name: string) {
    this.#text = readFileSync(
      path.join(packageRoot(), 'src/store/commands', `${name}.lua`),
      'utf8',
    );
    this.#sha = createHash('sha1').update(this.#text).digest('hex');
    this.#keyCount = Number(name.split('-').at(-1));
  }

  /** Sends the script's digest, and its text only where Redis does not know it yet. */
  async run(redis: Redis, keys: string[], args: (string | number)[]): Promise<unknown> {
    assert(keys.length === this.#keyCount, `a script wants ${this.#keyCount} keys`);
    try {
      return await redis.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await redis.eval(this.#text, keys.length, ...keys, ...args);
    }
  }
}

function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    assert(parent !== folder, 'package.json above the store');
    folder = parent;
  }
  return folder;
}
