// Rule 27 and annotations: a hook whose worker was given up may answer when its task has long been pruned. What it has to
// say about a task that is gone is not stored.
import { expect, test } from 'vitest'
import { storeAnnotations } from '../../src/database/annotations.ts'
import type { TaskId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { checkInvariants } from './invariants.ts'
import { countOf, labsOfFile, type Connection } from './lab.ts'
import { ended, isThere, prune } from './pruning.ts'

const openLab = labsOfFile()
const annotate = (on: Connection, taskId: TaskId): Promise<void> =>
  storeAnnotations(on.database, taskId, [{ type: 'seen', annotation: { by: 'hook' } }], null)
const annotations = 'select count(*) from tasker.task_annotations'

test('a prune that is under way is waited for, and nothing is stored for what it removed', async () => {
  const lab = await openLab()
  const { taskId } = await ended(lab)
  const [pruning, annotating] = [await lab.connect(), await lab.connect()]
  await pruning.query('begin')
  await prune(pruning)
  const late = start(annotating, () => annotate(annotating, taskId))
  expect(await waitsForLock(lab, late)).toBe(true)
  await pruning.query('commit')
  await valueOf(late)
  expect(await countOf(lab, annotations)).toBe(0)
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('an annotation that is being stored keeps its task from a prune, which passes by', async () => {
  const lab = await openLab()
  const { taskId } = await ended(lab)
  const annotating = await lab.connect()
  await annotating.query('begin')
  await annotate(annotating, taskId)
  expect(await prune(lab.eye)).toMatchObject({ busyCount: 1, groups: [] })
  await annotating.query('commit')
  expect(await isThere(lab, taskId)).toBe(true)
  await prune(lab.eye)
  expect(await countOf(lab, annotations)).toBe(0)
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})
