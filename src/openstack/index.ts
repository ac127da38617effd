/** Clients of OpenStack's own services: Keystone says who asks, Nova is told of its ports. */
export { KeystoneTokens } from './keystone-tokens.ts';
export { NovaEvents } from './nova-events.ts';
export { ServiceSession } from './service-session.ts';
