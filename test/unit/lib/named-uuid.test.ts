/**
 * Goal: the same name makes the same UUID everywhere, and it is the one that the RFC tells.
 * Method: the example of RFC 9562, appendix A.4.
 */
import { expect, test } from 'vitest';
import { namedUuid } from '../../../src/lib/named-uuid.ts';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

test('a name makes the UUID of the RFC, and another name another', () => {
  expect(namedUuid(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  expect(namedUuid(DNS, 'www.example.org')).not.toBe(namedUuid(DNS, 'www.example.com'));
});
