// Options of the section `database`: where Tasker's tables are and how they are reached.
import { nullOr, oneOf, text, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'
import { schemaName } from './schema-name.ts'

export const databaseOptions = {
  url: option(
    nullOr(
      text({
        pattern: /^(postgres(ql)?:\/\/|socket:)\S+$/,
        looksLike: 'a URL that begins with postgres:// or postgresql://',
      }),
    ),
    {
      default: null,
      help:
        'The PostgreSQL database that holds the tables of Tasker. Null runs the embedded ' +
        'server of ' +
        '`database.embedded`. The environment variable DATABASE_URL is read as well; ' +
        'TASKER_DATABASE__URL goes first.',
      reason:
        'DATABASE_URL is what hosting platforms set; null lets a first run need no installation.',
      secret: 'url',
    },
  ),
  embedded: option(text(), {
    default: './.tasker',
    help:
      'Folder of the embedded PostgreSQL, made when missing. Used when `database.url` is null, ' +
      'or when this ' +
      'option is set in a stronger place than `database.url`.',
    reason: 'Beside the project, so that its data is found, ignored and deleted with it.',
  }),
  schema: option(schemaName(), {
    default: 'tasker',
    help: 'The schema that holds all tables and functions of Tasker.',
    reason:
      'PostgreSQL cuts names at 63 bytes; 51 leave room for the names that are derived from it.',
  }),
  poolSize: option(wholeNumber({ min: 1, max: 1_000 }), {
    default: 10,
    unit: 'connections',
    help: 'Most connections that one process opens for its own statements.',
    reason: 'No connection is held while a handler runs, so few serve many steps.',
  }),
  transactionPoolSize: option(wholeNumber({ min: 1, max: 1_000 }), {
    default: 5,
    unit: 'connections',
    help: 'Most connections, beside `database.poolSize`, for steps with `transaction: true`.',
    reason:
      'A pool of their own: a handler that holds a connection must not starve the recording of ' +
      'outcomes.',
  }),
  connectTimeoutMs: option(wholeNumber({ min: 100, max: 600_000 }), {
    default: 10_000,
    unit: 'milliseconds',
    help: 'Longest wait for a connection, from the server or from the pool.',
    reason: 'Longer than a server needs to restart a backend, shorter than a lease.',
  }),
  statementTimeoutMs: option(wholeNumber({ min: 0, max: 3_600_000 }), {
    default: 30_000,
    unit: 'milliseconds',
    help: 'Longest run of one statement of Tasker before PostgreSQL ends it. 0: no limit.',
    reason: 'Every statement of Tasker is short; one that is not must not hold its locks for ever.',
  }),
  lockTimeoutMs: option(wholeNumber({ min: 0, max: 3_600_000 }), {
    default: 5_000,
    unit: 'milliseconds',
    help:
      'Longest wait of the creation of tasks for a lock. 0: no limit but ' +
      '`database.statementTimeoutMs`. Other calls skip what is locked, or wait as long as a ' +
      'statement may run.',
    reason: 'A key held by a caller’s open transaction then answers with a retryable error.',
  }),
  separate: option(yesOrNo(), {
    default: false,
    help:
      'Says that the handlers’ data is in another database than this one. Steps with ' +
      '`transaction: true` and ' +
      'creation inside the caller’s transaction are then refused at start.',
    reason:
      'One transaction cannot span two databases, so the promise must be refused, not weakened.',
  }),
  migrate: option(nullOr(oneOf(['auto', 'check', 'off'])), {
    default: null,
    help:
      'At start: `auto` migrates, `check` refuses a schema that is missing or outdated, `off` ' +
      'looks at nothing. ' +
      'Null: `auto` for the embedded server, `check` for any other.',
    reason:
      'A production schema is changed by a deployment step, not by whichever process starts first.',
  }),
  preparedStatements: option(yesOrNo(), {
    default: true,
    help:
      'Prepare hot statements once per connection, and set isolation and statement timeout of ' +
      'its session. ' +
      'Turn it off behind a pooler in transaction mode; isolation and timeout are the role’s then.',
    reason:
      'Planning is a large part of a short call; behind such a pooler each transaction may meet ' +
      'another session.',
  }),
  applicationName: option(
    text({ pattern: /^[ -~]{1,63}$/, looksLike: '1 to 63 ASCII characters' }),
    {
      default: 'tasker',
      help: 'The name of this process in `pg_stat_activity`.',
      reason: 'PostgreSQL cuts it at 63 bytes and replaces what is not ASCII.',
    },
  ),
}
