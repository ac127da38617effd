/** The REST API's public face. */
export { type App, buildApp, type Limits } from './app.ts';
export type { Authenticator } from './auth/authenticator.ts';
export { KeystoneAuthenticator } from './auth/keystone.ts';
export { noAuthentication } from './auth/none.ts';
export { TokenFile, TokenFileError } from './auth/tokens.ts';
export type { ApiBackend, Collection } from './backend.ts';
export { HTTP_ERRORS } from './error-table.ts';
export { buildKeystoneV2 } from './keystone-v2/app.ts';
export { type ShimUser, Tickets, ticketsOr } from './keystone-v2/tickets.ts';
export type { AuditLog } from './plugins/audit.ts';
