/**
 * Clients of OpenStack's own services: Keystone says who asks, Nova is told of its ports, and tells
 * the metadata of its servers.
 */
export { KeystoneTokens } from './keystone-tokens.ts';
export { NovaEvents } from './nova-events.ts';
export { NovaMetadata } from './nova-metadata.ts';
export { ServiceSession } from './service-session.ts';
