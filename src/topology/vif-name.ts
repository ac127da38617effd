/**
 * What whoever plugs a port's VIF calls it. That is the port's id, where the hypervisor is told it;
 * a VIF that has a name before it has a port (XenServer's, a container's, a test's) is named by the
 * port, in `binding:profile`, under the key that Open vSwitch's integration guide has for it.
 */
import { type IntentError, invalidInput } from './intent-error.ts';

type Profile = Readonly<Record<string, unknown>>;

/** What a port has that says how its VIF is called. */
interface Named {
  readonly 'binding:profile': Profile;
}

const KEY = 'iface-id';

/** As a claim spells it, behind a slash. */
const NAME = /^[!-.0-~]{1,255}$/;

/** The name that the port gives its VIF; undefined: its own id is the name. */
export function givenVifName(port: Named): string | undefined {
  const name = port['binding:profile'][KEY];
  return typeof name === 'string' ? name : undefined;
}

export function vifNameOf(port: Named & { readonly id: string }): string {
  return givenVifName(port) ?? port.id;
}

/** The profile of another binding of the port, which keeps the name unless it gives one. */
export function keepVifName(profile: Profile, port: Named): Profile {
  const name = givenVifName(port);
  return name === undefined ? profile : { [KEY]: name, ...profile };
}

/** Why a profile cannot be taken; undefined: it can. */
export function vifNameFlaw(profile: Profile): IntentError | undefined {
  const name = profile[KEY];
  if (name === undefined || (typeof name === 'string' && NAME.test(name))) return undefined;
  return invalidInput(
    `binding:profile ${KEY} must be 1 to 255 printable ASCII characters without a space or '/'`,
  );
}
