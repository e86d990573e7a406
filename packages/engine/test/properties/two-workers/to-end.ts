// Lets every task of a run end: what is held is resumed, the workers of the run are gone and are rescued, and one that never fails
// does the rest. Each call is judged like every other.
import assert from 'node:assert/strict'
import { checkAfterTheEnd } from '../../protocol/invariants.ts'
import { countOf } from '../../protocol/lab.ts'
import type { Bench, PreparedCall } from './bench.ts'
import { compare } from './compare.ts'
import type { WorkerCall } from './plan.ts'
import { expectRight } from './turn.ts'
import { claimableIn, isOpen, leaseMs } from './world.ts'

/** Rounds after which a task that has not ended never will; four steps with three attempts take fewer. */
const roundsMax = 60
const plainly = {
  pick: 0,
  also: null,
  isStale: false,
  kind: 'complete',
  want: 49,
  waits: true,
  isReplyLost: false,
} as const

export async function runToEnd(bench: Bench): Promise<void> {
  const { world } = bench
  const { one } = bench.workers
  const act = async (call: PreparedCall | null): Promise<void> => {
    if (call === null) return
    expectRight(world, [{ answered: await call(), isAlone: true }])
    await compare(bench.lab, world)
  }
  const work = (is: WorkerCall['is']): Promise<void> =>
    act(bench.prepareWorker(one, { ...plainly, is }))

  for (const { taskId, isHeld } of world.tasks) {
    const order = { taskId, action: 'resume', steps: null, moreAttempts: 1, limit: 1 } as const
    if (isHeld) await act(bench.operate(bench.connections.operator, order))
  }
  world.nowMs += leaseMs + 1
  await work('register')
  world.nowMs += leaseMs // not over yet
  await work('renew')
  await work('rescue')
  for (let round = 0; world.tasks.some(isOpen) || isAnyDeadlineLeft(bench); round += 1) {
    assert.ok(round < roundsMax, 'every task ends')
    if (claimableIn(world).length === 0 && one.held.length === 0) world.nowMs = nextDueMs(bench)
    await work('renew')
    if (one.held.length === 0) await work('claim')
    for (const deadline of one.held.filter(({ stepNo }) => stepNo === -1))
      await act(() => bench.settle(one.on, deadline))
    for (let left = one.held.length; left > 0; left -= 1) await work('finish')
  }
  one.calls = []
  await work('renew')
  assert.deepEqual(await checkAfterTheEnd(bench.lab.eye.client, 'tasker'), [])
  assert.equal(await countOf(bench.lab, repaired), 0)
}

const isAnyDeadlineLeft = ({ world, workers }: Bench): boolean =>
  workers.one.held.length > 0 ||
  world.tasks.some(({ steps }) => steps.some(({ state }) => state === 'in_progress'))

function nextDueMs({ world }: Bench): number {
  const due = world.tasks.flatMap(({ steps }) => steps.flatMap(({ dueMs }) => dueMs ?? []))
  assert.ok(due.length > 0, 'something is due, now or later')
  return Math.max(world.nowMs, Math.min(...due))
}

const repaired = `
  select repaired
  from tasker.sweep_due((select min(w.worker_id) from tasker.workers w where w.state = 'live'),
    '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 1000)`
