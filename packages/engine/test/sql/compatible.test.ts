// Migrations only add: whatever a process that may still start relies on (compatible.snapshot.sql) is there as it was. Columns
// are the same, new ones can be left out, and functions are called as before: more parameters only at the end, with defaults.
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { entriesOf } from '../../src/database/describe-schema.ts'
import { migrateWith } from '../../src/database/migrate.ts'
import { readSqlFiles } from '../../src/database/sql-files.ts'
import { cloneDatabase } from '../support/database.ts'
import { describeSchema } from '../support/describe-schema.ts'
import { testSchema } from '../support/template.ts'

const promised = await readFile(new URL('compatible.snapshot.sql', import.meta.url), 'utf8')

async function onClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** What of the promise the database does not keep. */
async function brokenIn(url: string): Promise<readonly string[]> {
  const found = await describeSchema(url, testSchema)
  const columns = chapterOf(found, 'Columns')
  const functions = chapterOf(found, 'Functions').map(signatureOf)
  const calls = await onClient(url, async (client) => {
    const broken: string[] = []
    for (const entry of chapterOf(promised, 'Functions')) {
      const before = signatureOf(entry)
      const now = functions.filter(({ name }) => name === before.name)
      if (
        !now.some(({ result }) => isKept(before.result, result)) ||
        !(await isCallable(client, before))
      )
        broken.push(before.name)
    }
    return broken
  })
  return [...lost(columns), ...demanded(columns), ...calls]
}

/** A description's entries under one title. */
function chapterOf(description: string, title: string): readonly string[] {
  const [, chapter = ''] = description.split(`-- ${title}\n`)
  return entriesOf(chapter.split('\n-- ')[0] ?? '').map((entry) => entry.trim())
}

const lost = (columns: readonly string[]): readonly string[] =>
  chapterOf(promised, 'Columns').filter((entry) => !columns.includes(entry))

const tableOf = (column: string): string => column.slice(0, column.indexOf('.'))
const nameOf = (column: string): string => column.slice(0, column.indexOf(' '))

/** New columns of known tables that must be given a value. */
function demanded(columns: readonly string[]): readonly string[] {
  const known = chapterOf(promised, 'Columns')
  const tables = new Set(known.map(tableOf))
  const names = new Set(known.map(nameOf))
  return columns.filter(
    (column) =>
      !names.has(nameOf(column)) &&
      tables.has(tableOf(column)) &&
      / not null(?! (?:default|generated) )/.test(column),
  )
}

interface Signature {
  readonly name: string
  readonly parameters: readonly { readonly type: string; readonly isOptional: boolean }[]
  readonly result: string
}

/** Of an entry `name(p_one integer, p_two text DEFAULT …)` and, on the next line, what it returns. */
function signatureOf(entry: string): Signature {
  const [head = '', returns = ''] = entry.split('\n').map((line) => line.trim())
  const [, name = '', list = ''] = /^(\w+)\((.*)\)$/.exec(head) ?? []
  const parameters = list.split(/, (?=(?:OUT )?[a-z]\w* )/).filter((one) => one.startsWith('p_'))
  return {
    name,
    parameters: parameters.map((one) => {
      const [declared = ''] = one.split(' DEFAULT ')
      return { type: declared.replace(/^\w+ /, ''), isOptional: one.includes(' DEFAULT ') }
    }),
    result: returns,
  }
}

/** The same result, or more columns behind those that were there. */
const isKept = (before: string, now: string): boolean =>
  now === before || (before.endsWith(')') && now.startsWith(`${before.slice(0, -1)}, `))

/** With all parameters that there were, and with as few as were needed. */
async function isCallable(client: pg.Client, { name, parameters }: Signature): Promise<boolean> {
  for (const given of [parameters, parameters.filter(({ isOptional }) => !isOptional)]) {
    const values = given.map(({ type }) => `null::${type}`).join(', ')
    try {
      await client.query(`prepare called as select * from ${testSchema}.${name}(${values})`)
      await client.query('deallocate called')
    } catch {
      return false
    }
  }
  return true
}

test('whoever may start on this schema finds everything as it was', async () => {
  const { url } = await cloneDatabase()
  expect(await brokenIn(url)).toEqual([])
})

test('whoever goes on while a database of that promise is migrated finds it too: no function is left beside its longer form', async () => {
  const { url } = await cloneDatabase()
  await onClient(url, async (client) => {
    await client.query(`set search_path = ${testSchema}`)
    for (const entry of chapterOf(promised, 'Functions')) {
      const [head = '', returns = ''] = entry.split('\n').map((line) => line.trim())
      await client.query(`drop function ${signatureOf(entry).name} cascade`)
      await client.query(`create function ${head} ${returns} language plpgsql as 'begin end'`)
    }
  })
  const files = await readSqlFiles(testSchema)
  await migrateWith({ ...files, functionsChecksum: 'later' }, { url, schema: testSchema })
  expect(await brokenIn(url)).toEqual([])
})

test('the promise is that of the oldest migration that the schema lets run', async () => {
  const { url } = await cloneDatabase()
  const { rows } = await onClient(url, (client) =>
    client.query(`select runs_from from ${testSchema}.schema_version`),
  )
  const [, migration] = /that know migration (\d+):/.exec(promised) ?? []
  expect(rows).toEqual([{ runs_from: Number(migration) }])
})

describe('the promise is broken', () => {
  const stop = 'tasker.stop_worker(p_worker_id integer, p_now timestamptz default null'
  const body = `returns void language sql as 'select'`
  const changes: readonly (readonly [what: string, sql: string, broken: string])[] = [
    [
      'a column that goes',
      'alter table tasker.workers drop column host',
      'workers.host text not null',
    ],
    [
      'a column of another type',
      'alter table tasker.workers alter column pid type bigint',
      'workers.pid integer not null',
    ],
    [
      'a new column that must be given',
      `alter table tasker.workers add column zone text not null`,
      'workers.zone text not null',
    ],
    ['a function that goes', 'drop function tasker.stop_worker', 'stop_worker'],
    [
      'a parameter without a default',
      `drop function tasker.stop_worker;
       create function ${stop.replace(' default null', '')}, p_why text) ${body}`,
      'stop_worker',
    ],
    [
      'a parameter before the others',
      `drop function tasker.stop_worker;
       create function ${stop.replace('(', '(p_why text, ')}) ${body}`,
      'stop_worker',
    ],
    [
      'a default that goes',
      `drop function tasker.stop_worker;
       create function ${stop.replace(' default null', '')}) ${body}`,
      'stop_worker',
    ],
    [
      'two functions that a call could mean',
      `create function ${stop}, p_why text default null) ${body}`,
      'stop_worker',
    ],
    [
      'another result',
      `drop function tasker.stop_worker;
       create function ${stop}) ${body.replace('void', 'integer').replace('select', 'select 1')}`,
      'stop_worker',
    ],
  ]

  test.each(changes)('by %s', async (_what, sql, broken) => {
    const { url } = await cloneDatabase()
    await onClient(url, (client) => client.query(sql))
    expect(await brokenIn(url)).toEqual([broken])
  })

  test('but not by tables, columns that may be left out, and parameters at the end with a default', async () => {
    const { url } = await cloneDatabase()
    await onClient(url, (client) =>
      client.query(
        `create table tasker.zones (zone text not null);
         alter table tasker.workers add column zone text, add column size integer not null default 1;
         drop function tasker.stop_worker;
         create function ${stop}, p_why text default null) ${body}`,
      ),
    )
    expect(await brokenIn(url)).toEqual([])
  })
})
