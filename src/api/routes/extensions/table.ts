/**
 * The extensions of the Networking API that hold here: the one list. An alias stands in it only
 * when its attributes are served and do what they say, because clients decide by it.
 */
import type { Extension } from './extension.ts';
import { ADDRESSING } from './tables/addressing.ts';
import { GENERAL } from './tables/general.ts';
import { LAYER3 } from './tables/layer3.ts';
import { SECURITY } from './tables/security.ts';
import { SERVICES } from './tables/services.ts';

export const EXTENSIONS: readonly Extension[] = [
  ...GENERAL,
  ...SECURITY,
  ...LAYER3,
  ...SERVICES,
  ...ADDRESSING,
].sort((one, other) => (one.alias < other.alias ? -1 : 1));
