// Levels are longest paths, found in one pass whatever the number of paths.
import { expect, test } from 'vitest'
import { defineShape, shapes, type ShapeStep } from '../../src/testing/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { stage } from '../scenarios/stage.ts'

/** `top_n` forks into two that join in `top_(n + 1)`: 2^n paths to it. */
const ladder = (rungs: number): readonly ShapeStep[] => [
  { name: 'top_0', dependsOn: [] },
  ...Array.from({ length: rungs }, (_, n) => [
    { name: `left_${n}`, dependsOn: [`top_${n}`] },
    { name: `right_${n}`, dependsOn: [`top_${n}`] },
    { name: `top_${n + 1}`, dependsOn: [`left_${n}`, `right_${n}`] },
  ]).flat(),
]

async function levelsOf(steps: readonly ShapeStep[]) {
  const { url } = await cloneDatabase()
  const definition = defineShape({ namespace: 'levels', name: 'any', version: '1.0.0', steps })
  const { tasker } = await stage(url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const levels = await tasker.reports.dependencyLevels(taskId)
  return { tasker, levels, byStep: Object.fromEntries(levels.map((row) => [row.step, row.level])) }
}

test('a ladder of sixty diamonds has two levels a rung', async () => {
  const { levels, byStep } = await levelsOf(ladder(60))
  expect(levels).toHaveLength(181)
  expect([byStep['top_0'], byStep['left_59'], byStep['top_60']]).toEqual([0, 119, 120])
})

test('the longest path counts, and the order is by level and declaration', async () => {
  const { levels } = await levelsOf([
    { name: 'late', dependsOn: ['middle', 'root'] }, // declared before what it depends on
    { name: 'alone', dependsOn: [] },
    { name: 'root', dependsOn: [] },
    { name: 'middle', dependsOn: ['root'] },
  ])
  expect(levels).toEqual([
    { step: 'alone', stepNo: 2, level: 0 },
    { step: 'root', stepNo: 3, level: 0 },
    { step: 'middle', stepNo: 4, level: 1 },
    { step: 'late', stepNo: 1, level: 2 },
  ])
})

test('the mixed workflow has the levels of the catalogue', async () => {
  const { byStep } = await levelsOf(shapes.E.steps)
  expect(byStep).toEqual({
    init_auth: 0,
    init_config: 0,
    validate_permissions: 1,
    setup_environment: 1,
    begin_processing: 2,
    cleanup_temp_files: 2,
    process_critical_data: 3,
    process_optional_data: 3,
    finalize_and_report: 4,
  })
})

test('a task that is not there has no levels', async () => {
  const { tasker } = await levelsOf(shapes.I.steps)
  const unknown = tasker.reports.dependencyLevels('01a1fcce-0000-7000-8000-000000000000')
  await expect(unknown).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  await expect(tasker.reports.dependencyLevels('x')).rejects.toMatchObject({
    code: 'TASK_NOT_FOUND',
  })
})
