/**
 * Goal: the habits that no linter checks stay true.
 * Method: reads every tracked source file as text.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROGRAM } from '../lab/program.ts';

const FOLDERS = ['src', 'lab', 'bench', 'tools', 'test'];
const LIST = ['ls-files', '--cached', '--others', '--exclude-standard'];
const files = execFileSync('git', [...LIST, ...FOLDERS], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path.endsWith('.ts') && !path.includes('/models/'));
const sources = files.map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** Lines of `sources` that match, as `path:line: text`. */
function matches(pattern: RegExp, within = /./): string[] {
  return sources
    .filter(({ path }) => within.test(path) && path !== 'test/tidy.test.ts')
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .map((line, index) => ({ line, at: `${path}:${index + 1}: ${line.trim()}` }))
        .filter(({ line }) => pattern.test(line))
        .map(({ at }) => at),
    );
}

test('there are sources to check', () => {
  expect(sources.length).toBeGreaterThan(10);
});

test('nothing is left for later in main', () => {
  expect(matches(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
});

test('no test is skipped, focused or put off silently', () => {
  expect(matches(/\b(test|it|describe)\.(skip|only|todo|fails)\b/, /^test\//)).toEqual([]);
});

test('every source file begins by saying what it is', () => {
  const bare = sources.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path);
  expect(bare.filter((path) => !path.endsWith('/index.ts'))).toEqual([]);
});

test('no line is longer than 100 columns, but for rows of tables and the text of documents', () => {
  const long = /^(?!.*(https?:|'\w{60,}'))(?!\s*(\w+: )?\{ .* \},?$).{101,}$/;
  expect(matches(long, /^(src|lab|bench|tools)\/(?!\w+-doc\.ts)/)).toEqual([]);
});

test('no path or host of a developer machine is written down', () => {
  expect(matches(/\/(home|root|Users)\/|registry\.npmjs|deb\.debian\.org/)).toEqual([]);
});

test('tests do not sleep', () => {
  expect(matches(/\b(sleep|delay)\(\s*\d|timers\/promises/, /^test\//)).toEqual([]);
});

test('what the lab and the benchmarks start is what npm start does', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: { start: string };
  };
  const relative = PROGRAM.map((word) => word.replace(`${process.cwd()}/`, ''));
  expect(scripts.start).toMatch(new RegExp(`&& ${relative.join(' ')}$`));
});
