/** The answers of `…/stats` and `…/never-hit-rules`. */
import { Type } from 'typebox';
import { NullableString } from '../../schema.ts';

const COUNTS = {
  packets: Type.Integer(),
  bytes: Type.Integer(),
  last_hit: NullableString,
};

const RULE = {
  id: Type.String(),
  direction: Type.String(),
  ethertype: Type.String(),
  ...COUNTS,
  never_hit: Type.Boolean(),
};

export const RuleStatsSchema = Type.Object({
  ...RULE,
  security_group_id: Type.String(),
  as_of: NullableString,
  hosts: Type.Array(Type.Object({ host: NullableString, ...COUNTS, as_of: NullableString })),
});

export const GroupStatsSchema = Type.Object({
  security_group_id: Type.String(),
  as_of: NullableString,
  rules: Type.Array(Type.Object(RULE)),
});

export const NeverHitSchema = Type.Object({
  project_id: Type.String(),
  as_of: NullableString,
  security_group_rules: Type.Array(
    Type.Object({
      id: Type.String(),
      security_group_id: Type.String(),
      direction: Type.String(),
      ethertype: Type.String(),
      created_at: Type.String(),
      counted: Type.Boolean(),
    }),
  ),
});
