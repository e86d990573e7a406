// What `tasker task why` and `tasker task history` print, on a clock that the test sets.
import { exec } from 'node:child_process'
import { promisify } from 'node:util'
import pc from 'picocolors'
import { expect, onTestFinished, test } from 'vitest'
import {
  createTasker,
  defineTask,
  PermanentError,
  RetryableError,
  type Tasker,
} from '../../engine/src/index.ts'
import { testClock } from '../../engine/src/testing/index.ts'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { root } from './run-cli.ts'
import { runCommand } from './run-command.ts'
import { formatEntries, formatStepTimes } from '../src/timeline-table.ts'
import { formatWhy } from '../src/why-report.ts'

const plain = { paint: pc.createColors(false), width: 140 }
const copyable = (command: string): string => command

const order = defineTask({ namespace: 'shop', name: 'order', version: '1.0.0' })
  .step('charge', async () => {
    throw new PermanentError('card declined', { code: 'DECLINED' })
  })
  .step('reserve', async () => {
    throw new RetryableError('busy', { afterMs: 90_000 })
  })
  .step('pack', { dependsOn: ['reserve', 'charge'] }, async () => null)
  .step('ship', { dependsOn: ['pack'] }, async () => null)
  .step('mail', { dependsOn: ['charge'] }, async () => null)
  .step('post', { dependsOn: ['reserve'] }, async () => null)

async function setup() {
  const { url } = await cloneDatabase()
  const clock = testClock()
  const tasker: Tasker = await createTasker({
    database: { url, migrate: 'off' },
    definitions: [order],
    backoff: { jitterEnabled: false },
    orchestration: { listen: false },
    clock,
  })
  onTestFinished(() => tasker.close())
  const { taskId } = await tasker.tasks.create(order, {
    context: {},
    initiator: 'web',
    reason: 'an order',
  })
  await tasker.worker.start()
  tasker.worker.wake()
  await tasker.worker.idle()
  await clock.advance(2_000)
  return { url, tasker, taskId }
}

test('why: the sentence, each reason with what comes next and its commands, then what waits behind', async () => {
  const { tasker, taskId } = await setup()
  const text = formatWhy(await tasker.tasks.why(taskId), { ...plain, copyable }).replaceAll(
    taskId,
    '<id>',
  )
  expect(text.split('\n')).toEqual([
    'shop/order@1.0.0  in_progress',
    'Task <id>',
    'charge failed for good at attempt 1 of 3, with an error that no attempt can help ' +
      '(PermanentError DECLINED: card declined); ' +
      '0 of 6 steps done, 1 failed for good, 1 waiting to be retried, 4 behind other steps.',
    '',
    'charge  exhausted for 2.0 s',
    '  failed for good at attempt 1 of 3, with an error that no attempt can help (PermanentError DECLINED: card declined)',
    '  next: nothing by itself: an operator decides',
    '  tasker task retry <id> --step charge  # tries it again',
    "  tasker task resolve <id> --step charge --result '<json>'  # takes it for done, with a result of yours",
    '  tasker task skip <id> --step charge  # leaves it out; what depends on it goes on',
    '',
    'reserve  retry for 2.0 s',
    '  failed its attempt 1 of 3 (RetryableError: busy); it asked for the time of the next one itself',
    '  next: tried again at 2030-01-01 00:01:30Z (in 1 min 28 s)',
    '  tasker task retry-now <id> --step reserve  # tries it again at once',
    '',
    '  Behind them  Why                            Steps',
    '  2 steps      wait behind charge and others  pack, ship',
    '  mail         waits behind charge',
    '  post         waits behind reserve',
    '',
    'For the task:',
    '  tasker task cancel <id>  # ends the whole task',
  ])
})

/** Host names and process numbers differ, and with them the widths of columns. */
const lines = (text: string): readonly string[] =>
  text
    .replaceAll(/worker:\d+ \S+\/\d+/g, 'worker')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))

test('history: every entry with what it took, and where the time of each step went', async () => {
  const { tasker, taskId } = await setup()
  await tasker.tasks.resolve(taskId, { step: 'charge', actor: 'ana', reason: 'paid in cash' })
  await tasker.worker.idle()
  const timeline = await tasker.tasks.timeline(taskId)
  expect(lines(formatEntries(timeline, plain))).toEqual([
    'Time | Step | What | Attempt | Took | By | Why',
    '+0.000 s | (task) | created | web | an order',
    '+0.000 s | (task) | started | worker',
    '+0.000 s | charge | claimed | 1 | worker',
    '+0.000 s | reserve | claimed | 1 | worker',
    '+0.000 s | charge | failed | 1 | ran 0 ms | worker | PermanentError DECLINED: card declined',
    '+0.000 s | reserve | will retry | 1 | ran 0 ms | worker | RetryableError: busy; due at +90.000 s',
    '+2.000 s | charge | resolved | 1 | stopped 2.0 s | ana | paid in cash',
    '+2.000 s | mail | claimed | 1 | blocked 2.0 s | worker',
    '+2.000 s | mail | completed | 1 | ran 0 ms | worker',
  ])
  expect(lines(formatStepTimes(timeline, plain))).toEqual([
    'Step | State | Claims | Blocked | Backed off | Stopped | Waited | Ran | In all',
    'charge | resolved_manually | 1 | 2.0 s | 2.0 s',
    'reserve | error | 1 | 2.0 s | 2.0 s',
    'pack | pending | 0 | 2.0 s | 2.0 s',
    'ship | pending | 0 | 2.0 s | 2.0 s',
    'mail | complete | 1 | 2.0 s | 2.0 s',
    'post | pending | 0 | 2.0 s | 2.0 s',
  ])
})

test('the commands: why and history, for people and as one document, of all steps or of one', async () => {
  const { url, taskId } = await setup()
  const task = (...args: readonly string[]) => runCommand(['task', ...args, '--database', url])
  const why = await task('why', taskId)
  const history = await task('history', taskId, '--step', 'reserve')
  const document = await task('history', taskId, '--step', 'reserve', '--json')
  const wrong = await task('history', taskId, '--step', 'nonsense')
  expect(why.exitCode).toBe(0)
  const [retry = ''] = /^.* task retry \S+ --step charge .*(?= {2}# )/m.exec(why.stdout) ?? []
  expect(history.stdout).toMatch(/reserve +will retry +1 +ran 0 ms/)
  expect(history.stdout).toContain('Where the time went')
  expect(history.stdout).not.toContain('charge')
  const { entries, steps } = JSON.parse(document.stdout) as Record<string, readonly unknown[]> // a timeline
  expect(entries).toMatchObject([
    { step: 'reserve', kind: 'claimed', who: { kind: 'worker' } },
    { step: 'reserve', kind: 'will_retry', took: { ranMs: 0 }, error: { message: 'busy' } },
  ])
  expect(steps).toMatchObject([{ step: 'reserve', claims: 1 }])
  expect(wrong.exitCode).toBe(1)
  expect(wrong.stderr).toMatch(/^error STEP_NOT_FOUND: Task \S+ has no step "nonsense"/)

  const env = { ...process.env, DATABASE_URL: url }
  const pasted = await promisify(exec)(retry, { cwd: root, env })
  expect(pasted.stdout).toMatch(new RegExp(`^Task ${taskId} is `))
})
