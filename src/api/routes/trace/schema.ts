/** The answer of `/v1/trace`. */
import { type TSchema, Type } from 'typebox';
import { NullableString, Strings } from '../../schema.ts';

const nullable = (schema: TSchema) => Type.Union([schema, Type.Null()]);

const Rule = Type.Object({ id: Type.String(), security_group_id: Type.String() });

const Step = Type.Object({
  table: Type.String(),
  outcome: Type.Enum(['goes on', 'dropped', 'no rule']),
  text: Type.String(),
  rule: nullable(Rule),
});

const Passage = Type.Object({
  packet: Type.String(),
  verdict: Type.Enum(['delivered', 'dropped']),
  hops: Type.Array(
    Type.Object({
      host: NullableString,
      enters: Type.String(),
      leaves: NullableString,
      steps: Type.Array(Step),
    }),
  ),
});

const End = Type.Object({ port_id: NullableString, name: NullableString, host: NullableString });

const Switch = Type.Object({
  host: NullableString,
  agrees: nullable(Type.Boolean()),
  pending: Type.Integer(),
  tables: Strings,
  flows: Type.Array(
    Type.Object({ table: Type.String(), problem: Type.Enum(['missing', 'changed']) }),
  ),
  text: Type.String(),
});

export const TraceSchema = Type.Object({
  revision: Type.Integer(),
  packet: Type.String(),
  verdict: Type.Enum(['allowed', 'dropped', 'reply dropped']),
  reason: Type.String(),
  advice: NullableString,
  from: End,
  to: End,
  request: nullable(Passage),
  reply: nullable(Passage),
  switches: Type.Array(Switch),
});
