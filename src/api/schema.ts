/** The few schema shapes that several resources share. Kept to those the serialiser writes fast. */
import { Type } from 'typebox';

/** A string or null, written as a list of types: the serialiser is slow on unions. */
export const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] });

/** An object whose members are the client's own (`binding:profile`). */
export const FreeObject = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  additionalProperties: true,
});

export const Strings = Type.Array(Type.String());

/** Attributes that every resource has. */
export const standardAttributes = {
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  project_id: Type.String(),
  tenant_id: Type.String(),
  tags: Strings,
  revision_number: Type.Integer(),
  created_at: Type.String(),
  updated_at: Type.String(),
};
