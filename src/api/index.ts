/** The REST API's public face. */
export { type AppOptions, buildApp } from './app.ts';
export type {
  ApiBackend,
  Collection,
  Filters,
  HostView,
  JsonObject,
  Operations,
  RealizedView,
  Requester,
  Written,
} from './backend.ts';
export { HTTP_ERRORS } from './error-table.ts';
export { EXTENSIONS } from './routes/extensions/table.ts';
