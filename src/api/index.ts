/** The REST API's public face. */
export { type App, buildApp } from './app.ts';
export type { Authenticator } from './auth/authenticator.ts';
export { noAuthentication } from './auth/none.ts';
export type { ApiBackend, Collection } from './backend.ts';
export { HTTP_ERRORS } from './error-table.ts';
