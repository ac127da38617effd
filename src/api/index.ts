/** The REST API's public face. */
export { type App, buildApp } from './app.ts';
export type { ApiBackend, Collection } from './backend.ts';
export { HTTP_ERRORS } from './error-table.ts';
