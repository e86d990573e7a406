// Who stands around a piece of work: in which order, in whose asynchronous context, and what they see of it.
import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../src/database/connect.ts'
import { Watched } from '../src/watched.ts'
import { databaseForFile } from './support/database.ts'

const server = databaseForFile()

function open() {
  const database = connect({
    url: server.url,
    schema: 'tasker',
    poolSize: 1,
    transactionPoolSize: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 5_000,
    applicationName: 'watched',
    preparedStatements: true,
  })
  onTestFinished(() => database.close())
  return database
}

test('the first watcher is outermost, and one that has left sees nothing more', async () => {
  const watched = new Watched<string, number>()
  const seen: string[] = []
  const watch = (who: string): (() => void) =>
    watched.watch(async (name, work) => {
      seen.push(`${who} before ${name}`)
      const answer = await work()
      seen.push(`${who} after ${answer}`)
      return answer
    })
  const leave = watch('outer')
  watch('inner')
  await expect(watched.run('sum', async () => 42)).resolves.toBe(42)
  expect(seen).toEqual(['outer before sum', 'inner before sum', 'inner after 42', 'outer after 42'])
  leave()
  seen.length = 0
  await watched.run('sum', async () => 1)
  expect(seen).toEqual(['inner before sum', 'inner after 1'])
})

test('a statement is told by its name with its rows, in the context of who asked, and its error as it was', async () => {
  const database = open()
  const context = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  database.statements.watch(async (name, ask) => {
    const asker = context.getStore()
    try {
      const answer = await context.run('inside', ask)
      seen.push({ name, asker, rowCount: answer.rowCount })
      return answer
    } catch (error) {
      seen.push({ name, asker, error })
      throw error
    }
  })
  const rows = await context.run('handler', () =>
    database.run('three', 'select generate_series(1, 3) as n', []),
  )
  expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  const refused: unknown = await database
    .run('divide', 'select 1 / 0', [], { isPrepared: false })
    .catch((error: unknown) => error)
  expect(seen).toEqual([
    { name: 'three', asker: 'handler', rowCount: 3 },
    { name: 'divide', asker: undefined, error: refused },
  ])
})

test('in a transaction of a step our own statements are told, and those of the handler are not', async () => {
  const database = open()
  const seen: string[] = []
  database.statements.watch((name, ask) => {
    seen.push(name)
    return ask()
  })
  const connection = await database.transactionClient(new AbortController().signal)
  await connection.ask('begin', 'begin')
  await connection.query('select 1')
  await connection.ask('commit', 'commit')
  connection.release()
  expect(seen).toEqual(['begin', 'commit', 'reset_session'])
})
