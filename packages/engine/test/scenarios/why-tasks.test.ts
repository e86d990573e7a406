// What `why` says of a task as a whole: root causes however far away, what ended it and what can be done then, and large
// tasks put into a few lines.
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import { groupReasons } from '../../src/reports/why-groups.ts'
import type { StepReason } from '../../src/reports/reason-types.ts'
import type { WhyReport } from '../../src/reports/why.ts'
import { isEnded, satisfiedStates } from '../../src/states.ts'
import { movesOfStep, movesOfTask } from '../../src/tasks/operator-order.ts'
import { defineShape, shapes } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { alwaysFails, gate, succeeds } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()
const startText = '2030-01-01T00:00:00.000Z'

const commandsOf = ({ remedies }: Pick<WhyReport, 'remedies'>): readonly string[] =>
  remedies.map(({ command }) => command)

test('a step names its root causes, not its parent: the nearest ancestors that wait for no step, worst first', async () => {
  const open = gate()
  onTestFinished(() => open.open())
  const definition = defineTask({ name: 'chain_of_causes' })
    .step('slow', async () => open.opened)
    .step('charge', async () => {
      throw new PermanentError('declined')
    })
    .step('done', async () => null)
    .step('ship', { dependsOn: ['charge', 'done'] }, async () => null)
    .step('pack', { dependsOn: ['slow'] }, async () => null)
    .step('receipt', { dependsOn: ['pack', 'ship'] }, async () => null)
  const { tasker, events } = await stage(database.url, { definitions: [definition], slots: 2 })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await events.until('step.failed')
  await events.until('step.completed')
  await tasker.worker.settled()
  const why = await tasker.tasks.why(taskId)
  const receipt = why.steps.find(({ step }) => step === 'receipt')
  expect(receipt).toMatchObject({
    reason: 'parent',
    missing: [
      { step: 'ship', state: 'pending', since: new Date(startText) },
      { step: 'pack', state: 'pending', since: new Date(startText) },
    ],
    rootCauses: [
      { step: 'charge', reason: 'exhausted' },
      { step: 'slow', reason: 'running' },
    ],
    hasMoreRootCauses: false,
    explanation: 'waits for ship (pending), pack (pending)',
    next: 'runs when what it waits for is satisfied',
  })
  expect(receipt?.remedies[0]?.command).toBe(`tasker task retry ${taskId} --step charge`)
  expect(why).toMatchObject({
    rootCause: 'charge',
    totalSteps: 6,
    doneSteps: 1,
    counts: { exhausted: 1, running: 1, parent: 3 },
  })
  expect(
    groupReasons(why.steps).map(({ first, explanation, steps }) => [
      first.reason,
      explanation,
      steps.map(({ step }) => step),
    ]),
  ).toEqual([
    ['exhausted', expect.stringContaining('failed for good'), ['charge']],
    ['running', expect.stringContaining('runs its attempt 1 of 3'), ['slow']],
    ['parent', 'waits behind charge', ['ship']],
    ['parent', 'waits behind slow', ['pack']],
    ['parent', 'waits behind charge and others', ['receipt']],
  ])
})

test('a task that ended in error says what failed, and what can be retried, resolved or run again', async () => {
  const definition = defineTask({ name: 'failed_end' })
    .step('charge', { retry: { limit: 1 } }, alwaysFails('no funds'))
    .step('receipt', { dependsOn: ['charge'] }, succeeds)
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const why = await tasker.tasks.why(taskId)
  expect(why.summary).toBe(
    `The task ended in error at ${startText}: charge failed for good after 1 of 1 attempt ` +
      '(Error: no funds); 0 of 2 steps done, 1 failed for good, 1 behind other steps.',
  )
  expect(why.end).toEqual({
    state: 'error',
    at: new Date(startText),
    cause: 'failed',
    by: expect.stringMatching(/^worker:/) as unknown,
    why: 'steps_in_error_state',
    failedSteps: [{ step: 'charge', error: { class: 'Error', message: 'no funds', code: null } }],
  })
  expect(commandsOf(why)).toEqual([
    `tasker task retry ${taskId} --step charge`,
    `tasker task resolve ${taskId} --step charge --result '<json>'`,
    `tasker task skip ${taskId} --step charge`,
    `tasker task cancel ${taskId}`,
    `tasker task rerun ${taskId}`,
  ])
  expect(why.steps[1]).toMatchObject({
    reason: 'parent',
    next: 'nothing before what it waits for is put right',
    remedies: [{ command: `tasker task retry ${taskId} --step charge` }, {}, {}, {}],
  })
})

test('for readers who may not see what handlers threw, no word of it is left, and all else is said', async () => {
  const failing = defineTask({ namespace: 'why', name: 'secretive' })
    .step('charge', { retry: { limit: 1 } }, async () => {
      throw new PermanentError('card 4711 refused', { code: 'CARD' })
    })
    .step('receipt', { dependsOn: ['charge'] }, async () => null)
  const { tasker, run } = await stage(database.url, { definitions: [failing] })
  const { taskId } = await tasker.tasks.create(failing, { context: {} })
  await run(taskId)
  const whole = JSON.stringify(await tasker.tasks.why(taskId))
  const why = await tasker.tasks.why(taskId, { errors: false })
  expect(whole).toContain('4711')
  expect(JSON.stringify(why)).not.toMatch(/4711|CARD/)
  expect(why).toMatchObject({
    rootCause: 'charge',
    end: { cause: 'failed', failedSteps: [{ step: 'charge', error: null }] },
  })
  expect(why.steps[0]?.remedies[0]).toMatchObject({
    call: { action: 'retry', on: 'task', steps: ['charge'] },
  })
})

test('several failed steps are retried with one command', async () => {
  const definition = defineShape({ ...shapes.B, name: 'failed_widely' }, (name) =>
    name === shapes.B.steps[0]?.name ? succeeds : alwaysFails('no'),
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  const why = await tasker.tasks.why(taskId)
  expect(why.end?.failedSteps.length).toBeGreaterThan(1)
  expect(commandsOf(why)[0]).toBe(`tasker task retry ${taskId}`)
  expect(why.summary).toContain(`, and ${(why.end?.failedSteps.length ?? 0) - 1} more alike`)
  const names = why.end?.failedSteps.map(({ step }) => ` --step ${step}`).join('')
  expect(commandsOf(groupReasons(why.steps)[0] ?? { remedies: [] })[0]).toBe(
    `tasker task retry ${taskId}${names}`,
  )
})

test('a cancelled task says by whom and why, of itself and of its steps; a rerun is what is left', async () => {
  const definition = defineShape({ ...shapes.I, name: 'cancelled_why' })
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.tasks.cancel(taskId, { actor: 'ana', reason: 'ordered twice' })
  const why = await tasker.tasks.why(taskId)
  expect(why.summary).toContain(`The task was cancelled by ana at ${startText}: ordered twice; `)
  expect(why.end).toMatchObject({ cause: 'cancelled', by: 'ana', why: 'ordered twice' })
  expect(new Set(why.steps.map(({ explanation }) => explanation))).toEqual(
    new Set(['was cancelled by ana: ordered twice']),
  )
  expect(commandsOf(why)).toEqual([`tasker task rerun ${taskId}`])
  expect(why.steps.map(({ remedies }) => remedies[0]?.command)).toEqual(
    why.steps.map(() => `tasker task rerun ${taskId}`),
  )
})

test('a task that ended at its deadline says so, and one that is complete has nothing left', async () => {
  const definition = defineTask({ name: 'ends' }).step('only', async ({ context, waitUntil }) =>
    context['late'] === true ? waitUntil(new Date('2030-02-01'), 'month end') : null,
  )
  const { tasker, run, clock } = await stage(database.url, { definitions: [definition] })
  const complete = await tasker.tasks.create(definition, { context: {} })
  const late = await tasker.tasks.create(definition, {
    context: { late: true },
    deadlineMs: 60_000,
  })
  await run(complete.taskId)
  expect(await tasker.tasks.why(late.taskId)).toMatchObject({
    deadlineAt: new Date('2030-01-01T00:01:00.000Z'),
    rootCause: 'only',
  })
  await clock.advance(60_000)
  await run(late.taskId)
  const why = await tasker.tasks.why(late.taskId)
  expect(why.summary).toBe(
    'The task ended in error at its deadline, 2030-01-01T00:01:00.000Z; 0 of 1 steps done, 1 left behind.',
  )
  expect(why).toMatchObject({ end: { cause: 'deadline' }, steps: [{ reason: 'ended' }] })
  expect(commandsOf(why)).toEqual([`tasker task rerun ${late.taskId}`])
  expect(await tasker.tasks.why(complete.taskId)).toMatchObject({
    summary: `The task has been complete since ${startText}.`,
    steps: [],
    rootCause: null,
    remedies: [{ command: `tasker task rerun ${complete.taskId} --from <step>` }],
  })
})

test('a task of 10,000 steps is explained at once, in a few lines', async () => {
  const branches = 3_332
  const steps = [
    { name: 'root', dependsOn: [] },
    ...Array.from({ length: branches }, (_, index) => [
      { name: `load_${index}`, dependsOn: ['root'] },
      { name: `check_${index}`, dependsOn: [`load_${index}`] },
      { name: `store_${index}`, dependsOn: [`check_${index}`] },
    ]).flat(),
    {
      name: 'sum',
      dependsOn: Array.from({ length: branches }, (_, index) => `store_${index}`),
    },
  ]
  const definition = defineShape({ namespace: 'wide', name: 'large', version: '1.0.0', steps })
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const why = await tasker.tasks.why(taskId)
  expect(why.totalSteps).toBe(9_998)
  expect(
    groupReasons(why.steps).map(({ explanation, steps: those }) => [those.length, explanation]),
  ).toEqual([
    [1, expect.stringContaining('no live worker serves wide/large@1.0.0')],
    [9_997, 'wait behind root'],
  ])
  expect(why.steps.at(-1)).toMatchObject({
    step: 'sum',
    explanation: 'waits for store_0 (pending), store_1 (pending), store_2 (pending), 3329 more',
    rootCauses: [{ step: 'root', reason: 'no_worker' }],
  })
})

/** Commands of a step that the operations would refuse in its state. */
function illegalIn(step: StepReason, why: WhyReport): readonly string[] {
  if (step.reason === 'parent') return [] // those of its root cause
  const isScheduled = !['exhausted', 'ended', 'running', 'worker_lost'].includes(step.reason)
  const legal: readonly string[] = [
    ...movesOfTask(why.state),
    ...movesOfStep(step.state, { taskState: why.state, isScheduled }),
  ]
  return step.remedies.flatMap(({ command, call }) => {
    if (call === null || call.on === 'namespace') return []
    const asCommand = `tasker task ${call.action.replace('_', '-')} ${why.taskId}`
    return legal.includes(call.action) && command.startsWith(asCommand) ? [] : [command]
  })
}

/** What is missing in a report. */
function faultsOf(why: WhyReport): readonly string[] {
  const satisfied = why.steps.filter(({ state }) => satisfiedStates.includes(state))
  const speechless = why.steps.filter(({ explanation, next }) => explanation === '' || next === '')
  const causeless = why.steps.filter(
    (step) => step.reason === 'parent' && step.rootCauses.length === 0,
  )
  return [
    ...(why.steps.length + why.doneSteps === why.totalSteps ? [] : ['steps are missing']),
    ...(isEnded(why.state) || why.rootCause !== null ? [] : ['no root cause']),
    ...satisfied.map(({ step }) => `${step} is done`),
    ...speechless.map(({ step }) => `${step} says nothing`),
    ...causeless.map(({ step }) => `${step} waits for nothing`),
    ...why.steps.flatMap((step) => illegalIn(step, why)),
  ]
}

test('promise 5: after every transition, each step that is not done has a reason, and an open task a root cause', async () => {
  const definition = defineShape(
    { ...shapes.L, name: 'always_a_reason' },
    (name) => async (step) => {
      const { attempt, claimNo } = step
      if (name.length % 3 === 0 && attempt === 1) throw new Error('once')
      if (claimNo === 1) return step.waitUntil(new Date(Date.parse(startText) + 10_000), 'later')
      if (name === shapes.L.steps.at(-2)?.name) throw new PermanentError('never')
      return null
    },
  )
  const { tasker, clock } = await stage(database.url, { definitions: [definition], slots: 1 })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const asked: WhyReport[] = []
  const looks: Promise<unknown>[] = []
  const look = async (): Promise<void> => void asked.push(await tasker.tasks.why(taskId))
  for (const event of ['step.execution_requested', 'step.completed', 'step.failed'] as const)
    tasker.events.on(event, () => void looks.push(look()))
  for (let seconds = 0; seconds < 60; seconds += 1) {
    await clock.advance(1_000)
    tasker.worker.wake()
    await tasker.worker.idle()
    await look()
  }
  await Promise.all(looks)
  expect(isEnded((await tasker.tasks.get(taskId)).state)).toBe(true)
  expect(asked.flatMap(faultsOf)).toEqual([])
  expect(asked.length).toBeGreaterThan(60)
})
