// A database of its own for a test or a test file, cloned from the migrated template and dropped afterwards; after a
// failure it stays, and its name is printed. The server behind it was started by newest-server.ts or oldest-server.ts.
import { basename } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, TestRunner } from 'vitest'
import {
  cloneTemplate,
  dropDatabase,
  emptyTemplate,
  keepDatabase,
  migratedTemplate,
} from './template.ts'
import { databaseUrl, type TestServerAddress } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly testServer: TestServerAddress
    /** Whatever a test leaves open is as bad as it may be: hostile-options.ts. Absent in ordinary runs. */
    readonly isHostile?: true
  }
}

export interface TestDatabase {
  readonly name: string
  /** A connection string for `pg` and for `createTasker`. */
  readonly url: string
  /** Drops it, closing what is still connected. Harmless when repeated. */
  drop(): Promise<void>
}

export interface CloneOptions {
  /** `migrated` has Tasker's schema in it, `empty` has not. Default `migrated`. */
  readonly from?: 'migrated' | 'empty'
}

/**
 * A fresh database. Called inside a test, it is dropped when the test ends and kept when the test fails; called
 * elsewhere, the caller drops it. For one database per file see `databaseForFile`.
 */
export async function cloneDatabase(options: CloneOptions = {}): Promise<TestDatabase> {
  const server = inject('testServer')
  const name = nextName()
  await cloneTemplate(server, options.from === 'empty' ? emptyTemplate : migratedTemplate, name)
  const database: TestDatabase = {
    name,
    url: databaseUrl(server, name),
    drop: () => dropDatabase(server, name),
  }
  if (isInsideTest()) {
    onTestFinished(async ({ task }) => {
      if (task.result?.state === 'fail') await keep(server, name, task.fullName)
      else await database.drop()
    })
  }
  return database
}

/**
 * One database for all tests of the file (or of the `describe`) that calls this, at the top level. Read `url` inside
 * tests and hooks, not before: the clone is made in a `beforeAll`.
 */
export function databaseForFile(options: CloneOptions = {}): { readonly url: string } {
  let database: TestDatabase | null = null
  let failedTest: string | null = null

  beforeAll(async () => {
    database = await cloneDatabase(options)
  })
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failedTest ??= task.fullName
  })
  afterAll(async () => {
    if (database === null) return
    if (failedTest === null) await database.drop()
    else await keep(inject('testServer'), database.name, failedTest)
  })
  return {
    get url() {
      if (database === null) throw new Error('Read `url` inside a test: the clone is made first.')
      return database.url
    },
  }
}

/** The version of the server that these tests run against. */
export function serverMajorVersion(): number {
  return inject('testServer').majorVersion
}

function isInsideTest(): boolean {
  return TestRunner.getCurrentTest() !== undefined
}

async function keep(server: TestServerAddress, name: string, test: string): Promise<void> {
  await keepDatabase(server, name, test)
  console.error(`Kept the database ${name} of the failed test: ${test}`)
}

let clones = 0 // only to make names differ within this worker process

/** `test_retry_4711_3`: the file, the process, a number. */
function nextName(): string {
  const file = basename(expect.getState().testPath ?? 'unknown')
  const topic = file.replace(/\..*$/, '').replaceAll(/[^a-z0-9]+/gi, '_')
  clones += 1
  return `test_${topic.toLowerCase().slice(0, 40)}_${process.pid}_${clones}`
}
