// The store in files: what it removes, what it leaves alone, and that processes which share a folder see whole texts.
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FileStore } from '../../src/cache/file-store.ts'
import { testClock } from '../../src/testing/index.ts'
import { run } from '../../../../tools/run-program.ts'

async function setup(bytesMax?: number) {
  const directory = await mkdtemp(join(tmpdir(), 'tasker-cache-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const clock = testClock()
  const open = () => FileStore.open({ directory, clock, ...(bytesMax && { bytesMax }) })
  return { directory, clock, store: await open(), open }
}

test('a text is kept for its time to the millisecond, and its file is gone after it', async () => {
  const { directory, clock, store } = await setup()
  await store.set('a', 'text', 1_000)
  await store.set('b', 'text', 1_000)
  await clock.advance(999)
  expect([await store.get('a'), await store.remainingMs('a')]).toEqual(['text', 1])
  await clock.advance(1)
  expect([await store.get('a'), await store.remainingMs('b')]).toEqual([null, null])
  expect(await readdir(directory)).toEqual([])
})

test('what has ended and was never asked for is removed, and what ends the soonest above the bound', async () => {
  const { directory, clock, store } = await setup(1_000)
  await store.set('ended', 'x', 10)
  await clock.advance(10)
  for (const [no, key] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) {
    await store.set(key, 'x'.repeat(200), 100_000 - no)
  }
  const kept = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => store.get(key)))
  expect(kept.map((text) => text !== null)).toEqual([true, true, true, true, false, false])
  expect(await readdir(directory)).toHaveLength(4)
  await store.set('a', 'x'.repeat(1_001), 100_000)
  expect(await store.get('a')).toBeNull()
})

test('files of others are left alone, and those that a dead process did not finish are removed', async () => {
  const { directory, clock, store, open } = await setup()
  const unfinished = join(directory, `${'a'.repeat(64)}.part`)
  await writeFile(join(directory, 'README'), 'not a text')
  await writeFile(unfinished, 'half a te')
  await utimes(unfinished, clock.nowMs() / 1_000, clock.nowMs() / 1_000)
  await store.tidy()
  expect(await readdir(directory)).toHaveLength(2)
  await clock.advance(60_000)
  await (await open()).tidy()
  expect(await readdir(directory)).toEqual(['README'])
})

test('nobody else of the machine may read what is kept', async () => {
  const { directory, store } = await setup()
  await store.set('a', 'text', 1_000)
  const [name = ''] = await readdir(directory)
  expect((await stat(join(directory, name))).mode & 0o077).toBe(0)
})

test('processes that share a folder never see half a text', async () => {
  const { directory } = await setup()
  const store = await FileStore.open({ directory })
  const source = new URL('../../src/cache/file-store.ts', import.meta.url).href
  const writing = (letter: string) =>
    run('node', [
      '--conditions=@tasker/source',
      '--input-type=module',
      '--eval',
      `import { FileStore } from '${source}'
       const store = await FileStore.open({ directory: process.argv[1] })
       for (let no = 0; no < 200; no += 1) await store.set('a', '${letter}'.repeat(100_000), 60_000)`,
      directory,
    ])
  const progress = { isDone: false }
  const written = Promise.all(['x', 'y'].map(writing)).finally(() => {
    progress.isDone = true
  })
  const seen = new Set<string>()
  while (!progress.isDone) seen.add((await store.get('a')) ?? 'nothing')
  expect((await written).map(({ exitCode }) => exitCode)).toEqual([0, 0])
  for (const text of seen)
    expect(['nothing', 'x'.repeat(100_000), 'y'.repeat(100_000)]).toContain(text)
  expect(await readdir(directory)).toHaveLength(1)
})
