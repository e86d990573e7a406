// The public door of @tasker/embedded-postgres.

export {
  EmbeddedPostgresError,
  embeddedPostgresErrors,
  type EmbeddedPostgresErrorCode,
  type EmbeddedPostgresErrorDetails,
} from './error.ts'
export type { EmbeddedPostgresOptions } from './options.ts'
export { startEmbeddedPostgres, type EmbeddedPostgres } from './start-embedded-postgres.ts'
