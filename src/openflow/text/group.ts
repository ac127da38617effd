/** Groups in text: what `ovs-ofctl dump-groups` prints and `add-group` reads (ovs-ofctl(8)). */
import { OFPG, OFPP } from '../constants.ts';
import type { Bucket, GroupType } from '../messages/index.ts';
import { formatActions } from './action-format.ts';
import { parseActions } from './action-parse.ts';
import { joined, labelled } from './join.ts';
import { parseNumber, U16, U32 } from './numbers.ts';
import { formatPort, parsePort } from './ports.ts';
import type { TextOptions } from './tables.ts';
import { TextError } from './text-error.ts';

/** A group without what its selection method may add: none of ours has one. */
export interface GroupText {
  readonly groupId: number;
  readonly groupType: GroupType;
  readonly buckets: readonly Bucket[];
}

/** `ff` is the tool's own word for fast_failover. */
const TYPE_WORDS = {
  all: 'all',
  select: 'select',
  indirect: 'indirect',
  fast_failover: 'ff',
} as const;
const TYPES = new Map(
  Object.entries(TYPE_WORDS).flatMap(([type, word]) => [
    [type, type as GroupType],
    [word, type as GroupType],
  ]),
);
/** What a bucket of a select group weighs when nobody says. */
const DEFAULT_WEIGHT = 1;

/** One line of `ovs-ofctl dump-groups`, without the space before it. */
export function formatGroup(
  { groupId, groupType, buckets }: GroupText,
  options: TextOptions = {},
): string {
  const head = `group_id=${groupId},type=${TYPE_WORDS[groupType]}`;
  return joined([head, ...buckets.map((bucket) => formatBucket(groupType, bucket, options))]);
}

function formatBucket(type: GroupType, bucket: Bucket, options: TextOptions): string {
  const { bucketId, weight = DEFAULT_WEIGHT, watchPort, watchGroup, actions } = bucket;
  const parts = joined([
    `bucket_id:${bucketId}`,
    type === 'select' && weight !== DEFAULT_WEIGHT && `weight:${weight}`,
    watchPort !== undefined && watchPort !== OFPP.ANY && `watch_port:${formatPort(watchPort)}`,
    watchGroup !== undefined && watchGroup !== OFPG.ANY && `watch_group:${watchGroup}`,
    labelled('actions', formatActions(actions, options)),
  ]);
  return `bucket=${parts}`;
}

/** Reads a group; buckets without an id are numbered from 0. Throws TextError. */
export function parseGroup(text: string, options: TextOptions = {}): GroupText {
  const [head = '', ...rest] = text.trim().split(/,?\bbucket=/);
  const words = new Map(head.split(/[,\s]+/).map((word) => splitOnce(word, '=')));
  const type = TYPES.get(words.get('type') ?? '');
  if (type === undefined) throw new TextError(`bad group type "${words.get('type') ?? ''}"`);
  return {
    groupId: parseNumber(words.get('group_id') ?? '', U32, 'group_id'),
    groupType: type,
    buckets: rest.map((bucket, index) => parseBucket(bucket, index, options)),
  };
}

type MutableBucket = { -readonly [K in keyof Bucket]: Bucket[K] };

/** What is said of the bucket comes first; everything from the first action on is actions. */
function parseBucket(text: string, index: number, options: TextOptions): Bucket {
  const bucket: MutableBucket = { bucketId: index, actions: [] };
  let rest = text;
  for (;;) {
    const [word = '', key = '', value = ''] =
      /^(bucket_id|weight|watch_port|watch_group)[:=]([^,]+),?/.exec(rest) ?? [];
    if (word === '') break;
    takeMember(bucket, key, value);
    rest = rest.slice(word.length);
  }
  return { ...bucket, actions: parseActions(rest.replace(/^actions?=/, ''), options) };
}

function takeMember(bucket: MutableBucket, key: string, value: string): void {
  if (key === 'bucket_id') bucket.bucketId = parseNumber(value, U32, key);
  else if (key === 'weight') bucket.weight = parseNumber(value, U16, key);
  else if (key === 'watch_port') bucket.watchPort = parsePort(value);
  else bucket.watchGroup = parseNumber(value, U32, key);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
