/**
 * Goal: the table of error codes has the numbers and names of the real Open vSwitch.
 * Method: `ovs-ofctl ofp-print` of an error message for every row.
 */
import { expect, test } from 'vitest';
import { exec } from '../../../lab/exec.ts';
import { EXPERIMENTER } from '../../../src/openflow/constants.ts';
import { ERROR_TYPES, NICIRA_ERRORS } from '../../../src/openflow/error-codes.ts';
import { encodeMessage } from '../../../src/openflow/messages/index.ts';

/** Where Open vSwitch has a name of its own for what the specification names otherwise. */
const THEIR_NAMES: Readonly<Record<string, string>> = {
  OFPBRC_BAD_MULTIPART: 'OFPBRC_BAD_STAT',
  OFPBRC_BAD_EXPERIMENTER: 'OFPBRC_BAD_VENDOR',
  OFPBRC_BAD_EXP_TYPE: 'OFPBRC_BAD_SUBTYPE',
  OFPBRC_IS_SLAVE: 'OFPBRC_IS_SECONDARY',
  OFPBAC_BAD_EXPERIMENTER: 'OFPBAC_BAD_VENDOR',
  OFPBAC_BAD_EXP_TYPE: 'OFPBAC_BAD_VENDOR_TYPE',
  NXBFC_BAD_VERSION: 'OFPBFC_BAD_VERSION',
};

async function printedName(errorType: number, code: number): Promise<string | undefined> {
  const experimenter = errorType === 0xffff ? { experimenter: EXPERIMENTER.NICIRA } : {};
  const fields = { errorType, code, ...experimenter, data: Buffer.alloc(0) };
  const bytes = encodeMessage({ type: 'OFPT_ERROR', ...fields }, 1);
  const printed = await exec(['ovs-ofctl', 'ofp-print', bytes.toString('hex')]);
  return /^OFPT_ERROR .*: (\w+)$/m.exec(printed)?.[1];
}

test('every error is the one that ovs-ofctl prints for its numbers', async () => {
  const names: string[] = [];
  const theirs: (string | undefined)[] = [];
  for (const { errorType, codes } of [...ERROR_TYPES, NICIRA_ERRORS]) {
    for (const { code, name } of codes) {
      names.push(THEIR_NAMES[name] ?? name);
      theirs.push(await printedName(errorType, code));
    }
  }
  expect(theirs).toEqual(names);
  expect(names.length).toBeGreaterThan(190);
});
