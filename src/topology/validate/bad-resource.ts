/** Neutron's general refusal of the layer-3 resources, which names the kind of resource. */
import { type IntentError, intentError } from '../intent-error.ts';

/** What is asked for does not fit together. */
export function badResource(resource: string, msg: string): IntentError {
  return intentError('BadRequest', { resource, msg });
}
