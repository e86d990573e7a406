// Databases for tests, on any server: a template, migrated once per version of the SQL, and clones of it that are dropped
// after use. Only the test kit imports this.
import { createHash, randomUUID } from 'node:crypto'
import pg from 'pg'
import { translate } from './connect.ts'
import { connectionFault } from './connection-fault.ts'
import { migrate } from './migrate.ts'
import { readSqlFiles } from './sql-files.ts'

/** The schema in the template and its clones. */
export const testSchema = 'tasker'

/** A database that nobody else uses. */
export interface TestDatabase {
  readonly name: string
  /** A connection string for `pg`, psql and `createTasker`. */
  readonly url: string
  /** Drops it and closes what is still connected. Harmless when repeated. */
  drop(): Promise<void>
}

/**
 * A fresh, migrated database on the server of `serverUrl`, whose role may create databases. The first call for a version
 * of the SQL makes the template; several processes may call at once.
 * @throws {TaskerError} DATABASE_UNREACHABLE, DATABASE_VERSION
 */
export async function cloneTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const template = await templateName()
  const name = await onServer(serverUrl, async (client) => {
    await dropLeftovers(client)
    await makeTemplate(client, serverUrl, template)
    const cloned = await newName(client)
    await client.query(`create database ${cloned} template ${template}`)
    return cloned
  })
  return {
    name,
    url: urlOfDatabase(serverUrl, name),
    drop: () =>
      onServer(serverUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`)
      }),
  }
}

/** Names tell the version of the SQL, so that projects on different versions can share a server. */
async function templateName(): Promise<string> {
  const { migrations, functionsChecksum } = await readSqlFiles(testSchema)
  const parts = [...migrations.map(({ checksum }) => checksum), functionsChecksum]
  const digest = createHash('sha256').update(parts.join()).digest('hex')
  return `tasker_template_${digest.slice(0, 16)}`
}

/** Under its final name it is complete; one that was left half made is made again. */
async function makeTemplate(client: pg.Client, serverUrl: string, name: string): Promise<void> {
  if (await isThere(client, name)) return
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name])
  if (await isThere(client, name)) return
  const unfinished = `${name}_unfinished`
  await client.query(`drop database if exists ${unfinished} with (force)`)
  await client.query(`create database ${unfinished} template template0`)
  await migrate({ url: urlOfDatabase(serverUrl, unfinished), schema: testSchema })
  await client.query(`alter database ${unfinished} rename to ${name}`)
}

async function isThere(client: pg.Client, name: string): Promise<boolean> {
  const found = await client.query('select from pg_database d where d.datname = $1', [name])
  return found.rows.length > 0
}

// A process that was killed drops nothing. What is older than the server's last start is nobody's any more.
async function dropLeftovers(client: pg.Client): Promise<void> {
  const found = await client.query<{ name: string }>(
    `select d.datname as name from pg_database d
     where case when d.datname ~ '^tasker_test_[0-9]+_[0-9a-f]{8}$'
       then split_part(d.datname, '_', 3)::bigint
         < extract(epoch from pg_postmaster_start_time()) * 1000 end`,
  )
  for (const { name } of found.rows) {
    // Another process may be dropping it this moment.
    await client.query(`drop database if exists ${name}`).catch(() => undefined)
  }
}

/** `tasker_test_<milliseconds since 1970, by the server's clock>_<random>`. */
async function newName(client: pg.Client): Promise<string> {
  const found = await client.query<{ ms: string }>(
    'select trunc(extract(epoch from clock_timestamp()) * 1000)::bigint as ms',
  )
  return `tasker_test_${found.rows[0]?.ms}_${randomUUID().slice(0, 8)}`
}

function urlOfDatabase(serverUrl: string, name: string): string {
  // The host of a socket (`%2Ftmp%2Frun`) is no host to the URL class, so only the path is replaced.
  const [, server = '', query = ''] =
    /^([a-z]+:\/\/[^/?]*)(?:\/[^?]*)?(\?.*)?$/.exec(serverUrl) ?? []
  return `${server}/${name}${query}`
}

async function onServer<T>(serverUrl: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl })
  // A server that goes away ends the query under way; without a listener Node would end the process as well.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } catch (error) {
    throw connectionFault(error) ?? translate(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}
