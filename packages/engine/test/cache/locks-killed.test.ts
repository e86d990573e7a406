// A lock whose process is killed: it is another's when its time is over, and not before; one that ends frees it at once.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Locks } from '../../src/cache/locks.ts'
import { systemClock } from '../../src/clock.ts'
import { labsOfFile, type Lab } from '../protocol/lab.ts'
import { heldLock, storeAt } from './lock-holder.ts'

const openLab = labsOfFile()

async function startHolder({ url }: Lab): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'lock-holder.ts')
  const child = fork(program, [url], { execArgv: ['--conditions=@tasker/source'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [word] = (await once(child, 'message')) as unknown[] // what the program sends
  expect(word).toBe('holding')
  return child
}

function openLocks({ url }: Lab): Locks {
  const store = storeAt(url)
  onTestFinished(() => store.close())
  return new Locks({ store, clock: systemClock, owner: 'heir' })
}

async function readLock({
  eye,
}: Lab): Promise<{ readonly owner: string; readonly endsMs: number }> {
  const [row] = await eye.query(
    `select text, extract(epoch from expires_at)::double precision * 1000 as ends from tasker.cache_entries`,
  )
  return { owner: String(row?.['text']), endsMs: Number(row?.['ends']) }
}

test('is held beyond its first time by a process that lives, and freed by its death when its time is over', async () => {
  const lab = await openLab()
  const child = await startHolder(lab)
  const locks = openLocks(lab)
  const first = await readLock(lab)
  expect(first.owner).toBe(`process ${child.pid}/1`)
  const waitMs = heldLock.ttlMs + 100
  expect(await locks.tryWith({ ...heldLock, waitMs }, async () => 1)).toMatchObject({
    isDone: false,
  })

  child.kill('SIGKILL')
  await once(child, 'exit')
  const last = await readLock(lab)
  expect(last.owner).toBe(first.owner)
  expect(last.endsMs).toBeGreaterThan(first.endsMs)
  const taken = await locks.tryWith({ ...heldLock, waitMs: 60_000 }, () => readLock(lab))
  if (!taken.isDone) throw new Error('the lock was never freed')
  const heir = taken.result
  expect(heir.owner).toMatch(/^heir\//)
  // When the database gave it away, by the database's clock.
  expect(heir.endsMs - heldLock.ttlMs).toBeGreaterThanOrEqual(last.endsMs)
})

test('is free at once when its process ends its work', async () => {
  const lab = await openLab()
  const child = await startHolder(lab)
  child.send('end')
  await once(child, 'exit')
  const done = await openLocks(lab).tryWith(heldLock, async () => 'done')
  expect(done).toMatchObject({ result: 'done', tries: 1 })
})
