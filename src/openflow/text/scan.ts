/** Cuts `key=value`, `key:value`, `key(value)` and lone keys out of a text, as `ovs-ofctl` does. */

export interface Pair {
  readonly key: string;
  /** Empty when there is none. Of `key(a)->b` it is `a)->b`. */
  readonly value: string;
}

const SEPARATORS = ', \t\r\n';
const KEY_ENDS = `:=(${SEPARATORS}`;

/** The pairs of a text, which commas or white space part; parentheses keep theirs. */
export function pairs(text: string): Pair[] {
  const found: Pair[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const keyEnd = endOf(text, at, KEY_ENDS);
    const key = text.slice(at, keyEnd);
    const delimiter = text[keyEnd] ?? '';
    if (delimiter === '' || SEPARATORS.includes(delimiter)) {
      found.push({ key, value: '' });
      at = skip(text, keyEnd);
      continue;
    }
    const valueEnd =
      delimiter === '(' ? endOfGroup(text, keyEnd) : endOf(text, keyEnd + 1, SEPARATORS);
    found.push({ key, value: text.slice(keyEnd + 1, valueEnd) });
    at = skip(text, delimiter === '(' && text[valueEnd] === ')' ? valueEnd + 1 : valueEnd);
  }
  return found;
}

/** Where what starts at `at` ends: at one of `ends` outside parentheses, or with the text. */
function endOf(text: string, at: number, ends: string): number {
  let level = 0;
  for (let i = at; i < text.length; i++) {
    const char = text[i] as string;
    if (level === 0 && ends.includes(char)) return i;
    if (char === '(') level++;
    if (char === ')' && level > 0) level--;
  }
  return text.length;
}

/**
 * Where `(…)` or `(…)->…` that opens at `open` ends: at its `)`, or where the arrow's target does.
 */
function endOfGroup(text: string, open: number): number {
  const close = endOf(text, open + 1, ')');
  return text.startsWith(')->', close) ? endOf(text, close + 1, SEPARATORS) : close;
}

function skip(text: string, at: number): number {
  let i = at;
  while (i < text.length && SEPARATORS.includes(text[i] as string)) i++;
  return i;
}
