/** The tags of a resource: short words, each once (Neutron's `standard-attr-tag`). */
import { intentError } from '../../topology/index.ts';

const TAGS_MAX = 50;
const TAG_LENGTH_MAX = 255;

/** The tags that a request names, each once, in order. */
export function readTags(given: unknown): readonly string[] {
  if (!Array.isArray(given)) throw refuse(`'${JSON.stringify(given)}' is not a list`);
  const tags = [...new Set(given as readonly unknown[])];
  if (tags.length > TAGS_MAX) throw refuse(`more than ${TAGS_MAX} tags`);
  for (const tag of tags) {
    if (typeof tag !== 'string') throw refuse(`'${JSON.stringify(tag)}' is not a valid string`);
    if (tag.length > TAG_LENGTH_MAX) {
      throw refuse(`'${tag.slice(0, 60)}…' exceeds maximum length of ${TAG_LENGTH_MAX}`);
    }
  }
  return tags as string[];
}

function refuse(reason: string) {
  return intentError('HTTPBadRequest', { msg: `Invalid input for tags. Reason: ${reason}.` });
}
