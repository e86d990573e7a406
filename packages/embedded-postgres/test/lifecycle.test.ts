// The life of a server: first start, adoption, the last user, and deaths of every kind.

import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'

import { Client } from 'pg'
import { expect, test } from 'vitest'

import { startEmbeddedPostgres } from '../src/index.ts'
import { createDatabaseIfMissing } from '../src/server-connection.ts'
import { runCycles, runHolder, startHolder } from './holder-process.ts'
import { queryRows, scratchFolder, serverPid } from './scratch-folder.ts'

test('the first start makes a durable, private server and its database', async () => {
  const folder = scratchFolder()
  const server = await startEmbeddedPostgres({ folder, database: 'Orders-2' })

  const rows = await queryRows(
    server.url,
    `select current_database() as database, current_user as role,
            current_setting('listen_addresses') as listens, current_setting('fsync') as fsync,
            current_setting('full_page_writes') as pages,
            current_setting('synchronous_commit') as sync, current_setting('server_encoding') as encoding,
            upper('é') as upper, inet_server_addr() as address`,
  )
  expect(rows).toEqual([
    {
      database: 'Orders-2',
      role: 'tasker',
      listens: '',
      fsync: 'on',
      pages: 'on',
      sync: 'on',
      encoding: 'UTF8',
      upper: 'É',
      address: null,
    },
  ])
  expect(server.adopted).toBe(false)
  expect(server.serverVersion).toMatch(/^\d+\.\d+/)
  expect(server.dataFolder).toBe(join(folder, 'postgres', 'data'))
  expect(fs.statSync(server.connection.host).mode & 0o777).toBe(0o700)

  await server.release()
  expect(serverPid(folder)).toBeNull()
})

test('a second use in the same process adopts, and the server stops with the last of them', async () => {
  const folder = scratchFolder()
  const first = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
  const second = await startEmbeddedPostgres({
    folder,
    durability: 'unsafe_for_tests',
    database: 'other',
  })
  expect([first.adopted, second.adopted]).toEqual([false, true])

  await first.release()
  await first.release()
  expect(await queryRows(second.url, 'select current_database() as name')).toEqual([
    { name: 'other' },
  ])

  await second.release()
  expect(serverPid(folder)).toBeNull()
})

test('another process adopts the server and keeps it when the one that started it leaves', async () => {
  const folder = scratchFolder()
  const starter = await startHolder(folder)
  const adopter = await startHolder(folder)
  expect([starter.held.adopted, adopter.held.adopted]).toEqual([false, true])
  expect(adopter.held.url).toBe(starter.held.url)

  const pid = serverPid(folder)
  await starter.tell('release')
  expect(serverPid(folder)).toBe(pid)
  expect(await queryRows(adopter.held.url, 'select 1 as one')).toEqual([{ one: 1 }])

  await adopter.tell('release')
  expect(serverPid(folder)).toBeNull()
})

test('the server survives kill -9 of its parent, and the dead user does not keep it running', async () => {
  const folder = scratchFolder()
  const parent = await startHolder(folder)
  await queryRows(parent.held.url, 'create table kept as select 42 as answer')
  const pid = serverPid(folder)
  await parent.kill()
  expect(serverPid(folder)).toBe(pid)

  const server = await startEmbeddedPostgres({ folder })
  expect(server.adopted).toBe(true)
  expect(await queryRows(server.url, 'select answer from kept')).toEqual([{ answer: 42 }])

  await server.release()
  expect(serverPid(folder)).toBeNull()
})

test('a process that ends without releasing takes the server with it', async () => {
  const folder = scratchFolder()
  const holder = await startHolder(folder)
  const pid = serverPid(folder)
  await holder.tell('exit')

  // The stop was asked for and may be under way: the next start waits it out and never adopts a
  // dying server.
  const server = await startEmbeddedPostgres({ folder })
  expect(server.adopted).toBe(false)
  expect(serverPid(folder)).not.toBe(pid)
  await server.release()
})

test('every acknowledged row is there after kill -9 of the server in the middle of writing', async () => {
  const folder = scratchFolder()
  const before = await startEmbeddedPostgres({ folder })
  await queryRows(before.url, 'create table written (n int primary key)')

  const acknowledged = await writeUntilKilled(before.connection, {
    killAfter: 200,
    pid: serverPid(folder) ?? 0,
  })
  expect(acknowledged).toBeGreaterThanOrEqual(200)

  const after = await startEmbeddedPostgres({ folder })
  expect(after.adopted).toBe(false)
  const found = await queryRows<{ rows: number }>(
    after.url,
    `select count(*)::int as rows from written where n <= ${acknowledged}`,
  )
  expect(found).toEqual([{ rows: acknowledged }])

  // The handle of before the crash leads to the new server, and still counts as a user.
  await after.release()
  expect(await queryRows(before.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await before.release()
  expect(serverPid(folder)).toBeNull()
})

test('a process killed in the middle of the first start does not block the next', async () => {
  const folder = scratchFolder()
  const home = join(folder, 'postgres')
  for (const moment of ['data-draft-', 'data', 'server.log']) {
    fs.mkdirSync(home, { recursive: true })
    await killHolderWhen(folder, (name) => name.startsWith(moment))
  }
  const server = await startEmbeddedPostgres({ folder })
  expect(await queryRows(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.release()
  expect(serverPid(folder)).toBeNull()
})

test('a database that somebody else is making is not in the way', async () => {
  // The session of a process that was killed in the middle goes on making it, and nobody holds the lock.
  const server = await startEmbeddedPostgres({ folder: scratchFolder() })
  await Promise.all(
    [1, 2, 3, 4].map(() => createDatabaseIfMissing(server.connection, 'made_by_four')),
  )
  expect(
    await queryRows(server.url, `select 1 as one from pg_database where datname = 'made_by_four'`),
  ).toEqual([{ one: 1 }])
  await server.release()
})

test('a server that dies while it is used is started again by those who keep it running', async () => {
  const folder = scratchFolder()
  const notices: string[] = []
  const told = Promise.withResolvers<void>()
  const onNotice = (line: string): void => {
    notices.push(line)
    told.resolve()
  }
  const one = await startEmbeddedPostgres({ folder, keepsRunning: true, onNotice })
  const other = await startEmbeddedPostgres({ folder, keepsRunning: true, onNotice })
  await queryRows(one.url, 'create table kept as select 42 as answer')
  process.kill(serverPid(folder) ?? 0, 'SIGKILL')

  await told.promise
  expect(await queryRows(other.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  await Promise.all([one.release(), other.release()])
  expect(serverPid(folder)).toBeNull()
  const log = fs.readFileSync(join(folder, 'postgres', 'server.log'), 'utf8')
  expect(log.match(/starting PostgreSQL/g)).toHaveLength(2)
  expect(notices).toEqual(['The embedded PostgreSQL was gone; it was started again.'])
})

test('a server that its last user stops is not started again', async () => {
  const folder = scratchFolder()
  const notices: string[] = []
  const onNotice = (line: string): void => void notices.push(line)
  const server = await startEmbeddedPostgres({ folder, keepsRunning: true, onNotice })
  await server.release()
  expect(serverPid(folder)).toBeNull()
  expect(notices).toEqual([])
})

test('a server whose folder was deleted is not started again on an empty one', async () => {
  const folder = scratchFolder()
  const told = Promise.withResolvers<string>()
  const server = await startEmbeddedPostgres({
    folder,
    keepsRunning: true,
    onNotice: (line) => told.resolve(line),
  })
  const pid = serverPid(folder) ?? 0
  fs.rmSync(join(folder, 'postgres', 'data'), { recursive: true, force: true })
  process.kill(pid, 'SIGKILL')
  expect(await told.promise).toMatch(/is gone, and its data too/)
  await server.release()
})

test('processes that start at once on an empty folder share one server', async () => {
  const folder = scratchFolder()
  const holders = await Promise.all([1, 2, 3, 4].map(() => startHolder(folder)))
  expect(holders.filter((holder) => !holder.held.adopted)).toHaveLength(1)
  expect(new Set(holders.map((holder) => holder.held.url)).size).toBe(1)
  const log = fs.readFileSync(join(folder, 'postgres', 'server.log'), 'utf8')
  expect(log.match(/starting PostgreSQL/g)).toHaveLength(1)

  await Promise.all(holders.map((holder) => holder.tell('release')))
  expect(serverPid(folder)).toBeNull()
})

test('taking and leaving the server from many processes never hands out a broken one', async () => {
  const folder = scratchFolder()
  const setup = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
  await queryRows(setup.url, 'create table visits (n int generated always as identity)')
  await setup.release()

  const printed = await Promise.all([1, 2, 3].map(() => runCycles(folder, 8)))
  expect(printed).toEqual(['', '', ''])
  expect(serverPid(folder)).toBeNull()

  const check = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
  expect(await queryRows(check.url, 'select count(*)::int as visits from visits')).toEqual([
    { visits: 24 },
  ])
  await check.release()
})

test('a server for tests is not adopted by who was promised durability, and goes on for its users', async () => {
  const folder = scratchFolder()
  const fast = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
  expect(await queryRows(fast.url, `select current_setting('fsync') as fsync`)).toEqual([
    { fsync: 'off' },
  ])
  await expect(startEmbeddedPostgres({ folder })).rejects.toMatchObject({
    code: 'DURABILITY_MISMATCH',
  })
  expect(await queryRows(fast.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await fast.release()
  expect(serverPid(folder)).toBeNull()
})

test('a server for tests whose users were all killed is restarted with durability', async () => {
  const folder = scratchFolder()
  const holder = await startHolder(folder, { durability: 'unsafe_for_tests' })
  await holder.kill()
  const server = await startEmbeddedPostgres({ folder })
  expect(server.adopted).toBe(false)
  expect(await queryRows(server.url, `select current_setting('fsync') as fsync`)).toEqual([
    { fsync: 'on' },
  ])
  await server.release()
})

test('settings reach the server, and one it does not know fails with its own words', async () => {
  const folder = scratchFolder()
  const server = await startEmbeddedPostgres({ folder, settings: { work_mem: '7MB' } })
  expect(await queryRows(server.url, `select current_setting('work_mem') as size`)).toEqual([
    { size: '7MB' },
  ])
  await server.release()

  const failing = startEmbeddedPostgres({ folder, settings: { no_such_setting: '1' } })
  await expect(failing).rejects.toMatchObject({ code: 'START_FAILED' })
  await expect(failing).rejects.toThrow('unrecognized configuration parameter "no_such_setting"')
})

/**
 * Kills a starting process as soon as a file of that name appears or changes in the server's
 * folder.
 */
async function killHolderWhen(folder: string, isMoment: (name: string) => boolean): Promise<void> {
  const watcher = fs.watch(join(folder, 'postgres'))
  const { promise, resolve } = Promise.withResolvers<void>()
  watcher.on('change', (_event, name) => {
    if (isMoment(String(name))) resolve()
  })
  const holder = runHolder([folder], {})
  await promise
  watcher.close()
  const ended = once(holder, 'exit')
  holder.kill('SIGKILL')
  await ended
}

async function writeUntilKilled(
  connection: { readonly host: string; readonly port: number; readonly user: string },
  { killAfter, pid }: { readonly killAfter: number; readonly pid: number },
): Promise<number> {
  const client = new Client({ ...connection, database: 'tasker' })
  client.on('error', () => undefined)
  await client.connect()
  let acknowledged = 0
  try {
    for (;;) {
      await client.query('insert into written values ($1)', [acknowledged + 1])
      acknowledged += 1
      if (acknowledged === killAfter) process.kill(pid, 'SIGKILL')
    }
  } catch {
    return acknowledged
  }
}
