/** The few schema shapes that several answers share. Kept to those the serialiser writes fast. */
import { Type } from 'typebox';

/** A string or null, written as a list of types: the serialiser is slow on unions. */
export const NullableString = Type.Unsafe<string | null>({ type: ['string', 'null'] });

export const Strings = Type.Array(Type.String());
