// The closed list of what can go wrong, with the remedy beside the code. docs/reference/errors.md is generated from it. Level 0:
// imports nothing of ours.

/** Says what kind of trouble it is; only the HTTP layer knows which status that means. */
export type ErrorCategory =
  | 'invalid_input'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'configuration'
  | 'unavailable'
  | 'handler'
  | 'internal'

interface ErrorEntry {
  readonly category: ErrorCategory
  /** One sentence: what to do next. Appended to the message. */
  readonly remedy: string
}

export const errorCatalogue = {
  CONFIG_INVALID: {
    category: 'configuration',
    remedy:
      'Correct every fault listed; `tasker config` prints the effective values and their sources.',
  },
  DATABASE_REQUIRED: {
    category: 'configuration',
    remedy:
      'Pass `database` (or set DATABASE_URL), or install @tasker/embedded-postgres to run on a server of its own.',
  },
  DATABASE_UNREACHABLE: {
    category: 'unavailable',
    remedy: 'Check the address, the credentials and that the server accepts connections.',
  },
  DATABASE_BUSY: {
    category: 'unavailable',
    remedy:
      'When it is the pool, raise `database.poolSize` or make fewer calls at once; when it is the server, raise its `max_connections` or give its clients smaller pools.',
  },
  DATABASE_READ_ONLY: {
    category: 'unavailable',
    remedy:
      'Connect to the primary, or reset `default_transaction_read_only` of the server, the database and the role.',
  },
  DATABASE_DENIED: {
    category: 'unavailable',
    remedy:
      'To run, the role needs `usage` on the schema and `select`, `insert`, `update` and `delete` on its tables; to migrate, it has to own them, and at first to `create` in the database.',
  },
  DATABASE_VERSION: {
    category: 'configuration',
    remedy: 'Tasker needs PostgreSQL 15 or newer.',
  },
  SCHEMA_MISSING: {
    category: 'configuration',
    remedy: 'Run `tasker migrate` against this database first.',
  },
  SCHEMA_OUTDATED: {
    category: 'configuration',
    remedy: 'Run `tasker migrate` with this version of Tasker.',
  },
  SCHEMA_TOO_NEW: {
    category: 'configuration',
    remedy: 'Upgrade this process to the version of Tasker that migrated the database.',
  },
  MIGRATION_BLOCKED: {
    category: 'unavailable',
    remedy:
      'Nothing was changed. `tasker doctor` names transactions that stay open; end them, or migrate again later.',
  },
  MIGRATION_CHANGED: {
    category: 'configuration',
    remedy: 'A migration that was applied must not be edited; restore the released file.',
  },
  WRONG_ISOLATION: {
    category: 'configuration',
    remedy:
      'Run Tasker’s statements under READ COMMITTED; set it on the connection or on the role.',
  },
  DEFINITION_INVALID: {
    category: 'invalid_input',
    remedy: 'Correct every fault listed and register the definition again.',
  },
  DEFINITION_CONFLICT: {
    category: 'conflict',
    remedy:
      'Register it under a new version, or pass `replace: true` to replace it in this process.',
  },
  DEFINITION_CHANGED: {
    category: 'conflict',
    remedy: 'Give the changed definition a new version; tasks in flight keep the stored one.',
  },
  DEFINITION_NOT_FOUND: {
    category: 'not_found',
    remedy: 'Check namespace, name and version; `tasker definitions` lists what is registered.',
  },
  YAML_INVALID: {
    category: 'invalid_input',
    remedy: 'Correct the file at the line given.',
  },
  REQUEST_INVALID: {
    category: 'invalid_input',
    remedy: 'Correct every fault listed; nothing was stored.',
  },
  CONTEXT_INVALID: {
    category: 'invalid_input',
    remedy:
      'Correct the context so that it matches the schema of the definition; nothing was stored.',
  },
  IDEMPOTENCY_CONFLICT: {
    category: 'conflict',
    remedy: 'The key was used for another request; use a new key, or repeat the request unchanged.',
  },
  IDEMPOTENCY_KEY_BUSY: {
    category: 'unavailable',
    remedy: 'Another transaction holds this key and has not ended; repeat the request.',
  },
  TASK_NOT_FOUND: {
    category: 'not_found',
    remedy:
      'Check the id, and that this process reads the database and schema the task was written to.',
  },
  STEP_NOT_FOUND: {
    category: 'not_found',
    remedy: 'Check the name; `tasker task show <id>` lists the steps of the task.',
  },
  NAMESPACE_NOT_FOUND: {
    category: 'not_found',
    remedy:
      '`tasker namespace list` lists them; a namespace exists once a definition of it is stored.',
  },
  MOVE_NOT_ALLOWED: {
    category: 'conflict',
    remedy: 'Choose one of the allowed moves; `tasker task why` says what stands in the way.',
  },
  REVISION_CONFLICT: {
    category: 'conflict',
    remedy:
      'Read the task again; if the change still makes sense, repeat it with the `revision` that the task has now.',
  },
  WAIT_ENDED: {
    category: 'unavailable',
    remedy: 'The task goes on; ask for its state, or wait again.',
  },
  RESULT_NOT_STORABLE: {
    category: 'handler',
    remedy: 'Return JSON: plain objects, arrays, strings, finite numbers, booleans, null.',
  },
  RESULT_INVALID: {
    category: 'handler',
    remedy:
      'Correct the handler, or the `result` schema of the step; nothing was stored, and what the handler did is done.',
  },
  RESULT_TOO_LARGE: {
    category: 'handler',
    remedy:
      'Store the payload elsewhere and return a reference, or raise `execution.resultMaxBytes`.',
  },
  STEP_TIMEOUT: {
    category: 'handler',
    remedy: 'Raise the step’s `timeoutMs`, or make the handler observe its AbortSignal.',
  },
  HANDLER_MISSING: {
    category: 'configuration',
    remedy: 'Deploy a worker whose definitions include a handler for this step.',
  },
  TRANSACTION_UNAVAILABLE: {
    category: 'configuration',
    remedy:
      'Steps with `transaction: true` and creation inside a transaction need Tasker’s tables in the database of the handlers.',
  },
  TRANSACTION_OVER: {
    category: 'handler',
    remedy:
      'Await every query before the handler returns, and stop when its AbortSignal fires; nothing was written.',
  },
  TRANSACTION_ENDED_BY_HANDLER: {
    category: 'handler',
    remedy:
      'Remove COMMIT, ROLLBACK and BEGIN from the handler: Tasker commits when it returns and rolls back when it throws; use savepoints to undo a part.',
  },
  HISTORY_CURSOR_INVALID: {
    category: 'invalid_input',
    remedy: 'Start anew with `now`, after reading the tasks as they are, or with `start`.',
  },
  HISTORY_CURSOR_EXPIRED: {
    category: 'conflict',
    remedy:
      'Events may have been missed: read the tasks as they are and start anew with `now`, or with `start`; `engine.historyJournalHours` says how long the journal is kept.',
  },
  CACHE_NOT_SHARED: {
    category: 'configuration',
    remedy:
      'Set `cache.store` to a store that all processes reach, declare a store of your own `distributed`, or set the option to `auto`.',
  },
  LOGS_UNAVAILABLE: {
    category: 'configuration',
    remedy: 'Install pino beside Tasker, or pass a `logger` of your own to createTasker.',
  },
  CACHE_MISCONFIGURED: {
    category: 'configuration',
    remedy:
      'Correct section `cache`. `redis` and `memcached` need `cache.url`, and @redis/client or memjs installed beside Tasker; `file` needs a folder that may be written to.',
  },
  CACHE_UNAVAILABLE: {
    category: 'unavailable',
    remedy:
      'One goes on without it, and it is asked again soon. Check that the store runs, has room, and is where `cache.url` says.',
  },
  CACHE_TEXT_REFUSED: {
    category: 'invalid_input',
    remedy: 'Keep less in one entry, or choose a store that takes it.',
  },
  CACHE_TEXT_UNREADABLE: {
    category: 'conflict',
    remedy:
      'Somebody else writes to these keys; give each application that shares a store a `cache.namespace` of its own.',
  },
  RECENT_UNAVAILABLE: {
    category: 'configuration',
    remedy:
      'Pass `recent: true` to createTasker; `telemetry.maxStoredSamples` says how many are kept.',
  },
  METRICS_UNAVAILABLE: {
    category: 'configuration',
    remedy:
      'Pass `metrics: true` to createTasker, install prom-client beside Tasker, and give the listener an address that is free. Processes share their metrics through a `cache.store` that is one for all, such as `redis` or `postgres`.',
  },
  CACHE_CANNOT_LOCK: {
    category: 'configuration',
    remedy:
      'Choose a `cache.store` that all processes share and that locks, such as `postgres`, or leave `telemetry.atomicOperations` at `auto`: then the database locks.',
  },
  LOCK_LOST: {
    category: 'unavailable',
    remedy:
      'Its time ended before it could be renewed; what was under way stops and is tried again.',
  },
  EXPORTER_INVALID: {
    category: 'invalid_input',
    remedy: 'Correct every fault listed; the exporter was not registered.',
  },
  EXPORTER_CONFLICT: {
    category: 'conflict',
    remedy:
      'Give one of them another name, or register it with `replace: true` to put it in the place of the other.',
  },
  EXPORT_UNSUPPORTED: {
    category: 'invalid_input',
    remedy: 'Ask for a format that there is, or register an exporter that makes this one.',
  },
  EXPORT_FAILED: {
    category: 'unavailable',
    remedy: 'The reason of each exporter is in the message; `tasker.exports.list()` counts them.',
  },
  AUTH_MISCONFIGURED: {
    category: 'configuration',
    remedy: 'Correct every fault listed in section `auth`; the server answers nobody until then.',
  },
  UNAUTHENTICATED: {
    category: 'unauthenticated',
    remedy: 'Send credentials that the server accepts; its OpenAPI document names the schemes.',
  },
  FORBIDDEN: {
    category: 'forbidden',
    remedy: 'Ask whoever gives out permissions for the one named.',
  },
  EXPOSED_WITHOUT_AUTHENTICATION: {
    category: 'forbidden',
    remedy:
      'Without authentication the server answers this machine only. Enable `auth.authenticationEnabled`, or set `server.allowUnauthenticated` where everybody who reaches it may do everything.',
  },
  CROSS_SITE_REFUSED: {
    category: 'forbidden',
    remedy:
      'Send it from a page of this site, or with a token instead of a cookie; sites of yours that may send it stand in `auth.trustedOrigins`.',
  },
  AUTHENTICATION_UNAVAILABLE: {
    category: 'unavailable',
    remedy: 'Try again soon; the credentials may be good.',
  },
  API_TOKEN_NOT_FOUND: {
    category: 'not_found',
    remedy: '`tasker token list` prints the names and ids of all tokens.',
  },
  API_TOKEN_EXISTS: {
    category: 'conflict',
    remedy:
      'A name is given once, also after it was revoked; rotate that token, or choose another name.',
  },
  ROUTE_NOT_FOUND: {
    category: 'not_found',
    remedy: 'Check the path; the OpenAPI document lists all operations.',
  },
  METHOD_NOT_ALLOWED: {
    category: 'invalid_input',
    remedy: 'Use a method that the header `allow` names.',
  },
  BODY_MALFORMED: {
    category: 'invalid_input',
    remedy: 'Send one JSON object in UTF-8.',
  },
  BODY_TOO_LARGE: {
    category: 'invalid_input',
    remedy: 'Send less, or raise `server.bodyMaxBytes`.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    category: 'invalid_input',
    remedy: 'Send the body as `content-type: application/json`.',
  },
  GRAPHQL_INVALID: {
    category: 'invalid_input',
    remedy:
      'Correct the document; docs/reference/schema.graphql has every field and its arguments.',
  },
  GRAPHQL_LIMIT_EXCEEDED: {
    category: 'invalid_input',
    remedy:
      'Ask for less at once: shorter lists, fewer fields, more than one request. The limits are the options `server.graphql`.',
  },
  INTROSPECTION_DISABLED: {
    category: 'forbidden',
    remedy: 'Read docs/reference/schema.graphql, or set `server.graphql.introspection`.',
  },
  RATE_LIMITED: {
    category: 'unavailable',
    remedy: 'Wait as long as the header `retry-after` says, and send less often.',
  },
  SERVER_CANNOT_LISTEN: {
    category: 'configuration',
    remedy:
      'Choose another port or address (`server.port`, `server.host`), or stop what listens there.',
  },
  STREAMS_EXHAUSTED: {
    category: 'unavailable',
    remedy:
      'End streams that nobody reads, wait as long as the header `retry-after` says, or raise `server.streamsMax`.',
  },
  TASKER_CLOSED: {
    category: 'unavailable',
    remedy: 'This Tasker was closed; create a new one.',
  },
  INTERNAL: {
    category: 'internal',
    remedy: 'This is a defect of Tasker; please report it with the message.',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>

export type ErrorCode = keyof typeof errorCatalogue
