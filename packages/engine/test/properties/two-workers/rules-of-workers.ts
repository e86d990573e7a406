// What a worker's calls may answer and what they change: claim, finish, renew, rescue. Written from the rules 4 to 13 and 29, for
// one call at a time; `isAlone` is false for a call that met another under way: it may be told that a task is busy, and leave
// what the other holds.
import type { StepOutcome } from '../../../src/database/steps.ts'
import { stepKey } from '../../../src/database/steps.ts'
import type { Json } from '../../../src/json.ts'
import type { StepRef } from '../../protocol/lab.ts'
import type { Answered } from './calls.ts'
import {
  claimableIn,
  claimKey,
  isClaimable,
  isLive,
  isOpen,
  isRunning,
  judgeEnd,
  leaseMs,
  lostLimit,
  release,
  stepOf,
  taskOf,
  type StepNow,
  type TaskNow,
  type World,
} from './world.ts'

type Of<Is extends Answered['is']> = Extract<Answered, { is: Is }>
export type Faults = string[]

export function finish(world: World, answered: Of<'finish'>, isAlone: boolean): Faults {
  const { call, reply } = answered
  const faults: Faults = []
  const lives = isLive(world, call.workerId)
  if (reply.isWorkerLost === lives) faults.push(`worker ${call.workerId}: lives is ${lives}`)
  const receipt = world.receipts.get(call.callId)
  if (receipt !== undefined) {
    for (const outcome of call.outcomes) faults.push(...answerAgain(world, outcome, reply))
    const again = receipt.claims.filter((step) => isRunning(world, step)).map(claimKey)
    if (!sameSet(again, reply.claims.map(claimKey)))
      faults.push(
        `sent again, it was given ${reply.claims.map(claimKey).join()}, not ${again.join()}`,
      )
    return faults
  }
  const before = new Map(
    call.outcomes.map((outcome) => [claimKey(outcome), mayRecord(world, outcome)]),
  )
  // One that is in the call twice counts once.
  const outcomes = new Map(call.outcomes.map((outcome) => [claimKey(outcome), outcome]))
  for (const outcome of outcomes.values()) {
    const answer = answerTo(outcome, reply)
    const expected =
      before.get(claimKey(outcome)) === true ? 'recorded' : lateAnswer(world, outcome)
    if (answer === 'busy' && !isAlone) continue
    if (answer !== expected)
      faults.push(`${claimKey(outcome)} ${outcome.kind}: ${answer}, not ${expected}`)
    if (answer === 'recorded') record(world, outcome)
    if (answer === 'refused' && ['complete', 'failed'].includes(outcome.kind))
      world.refused.add(claimKey(outcome))
  }
  for (const task of touchedBy(world, call.outcomes)) {
    release(world, task)
    if (isOpen(task)) judgeEnd(task)
  }
  faults.push(...claim(world, answered, isAlone))
  return faults
}

function claim(world: World, { call, reply }: Of<'finish'>, isAlone: boolean): Faults {
  const faults: Faults = []
  const may = isLive(world, call.workerId) ? Math.min(call.want, claimableIn(world).length) : 0
  const { length } = reply.claims
  if (length > call.want || (isAlone && length !== may))
    faults.push(`${length} claims, where ${may} of ${call.want} could be had`)
  if (length > 0 && !isLive(world, call.workerId))
    faults.push('a worker that is lost was given work')
  for (const given of reply.claims) {
    const task = taskOf(world, given.taskId)
    const step = stepOf(task, given.stepNo)
    if (!isClaimable(world, task, step)) faults.push(`${claimKey(given)} was not to be claimed`)
    step.claimNo += 1
    step.attempts += 1
    step.placeMs = step.dueMs ?? world.nowMs
    Object.assign(step, { state: 'in_progress', workerId: call.workerId, dueMs: null })
    task.mayBeUnstarted ||= !isAlone && task.state === 'pending'
    if (task.state === 'pending') task.state = 'in_progress'
    const told = [given.claimNo, given.attempts, given.losses, given.retryLimit].join()
    const true_ = [step.claimNo, step.attempts, step.losses, step.limit].join()
    if (told !== true_) faults.push(`${claimKey(given)} was told ${told}, not ${true_}`)
    for (const parent of step.parents) {
      const { name, result = null } = stepOf(task, parent)
      const seen = given.results?.[name ?? '']
      if (JSON.stringify(seen) !== JSON.stringify(result))
        faults.push(`${claimKey(given)} was given ${JSON.stringify(seen)} of ${name}`)
    }
  }
  if (length > 0)
    world.receipts.set(call.callId, { workerId: call.workerId, claims: reply.claims.map(refOf) })
  return faults
}

export function renew(world: World, answered: Of<'renew'>): Faults {
  const { workerId, holding, calls, reply } = answered
  const now = world.workers.get(workerId)
  if (now?.isLive !== true) return reply.isLive ? ['a lost worker was renewed'] : []
  const hadGap = now.leaseUntilMs < world.nowMs
  world.workers.set(workerId, {
    isLive: true,
    leaseUntilMs: world.nowMs + leaseMs,
    renewedSinceMs: hadGap ? world.nowMs : now.renewedSinceMs,
  })
  const faults = reply.isLive ? [] : ['a live worker was not renewed']
  const abort = holding.filter((step) => !isRunning(world, step)).map(claimKey)
  if (!sameSet(abort, reply.abort.map(claimKey))) faults.push(`abort is not ${abort.join()}`)
  const forgotten = [...world.receipts].filter(
    ([callId, receipt]) => receipt.workerId === workerId && !calls.includes(callId),
  )
  const back = forgotten
    .flatMap(([, { claims }]) => claims)
    .filter((step) => isRunning(world, step))
    .map(claimKey)
  if (!sameSet(back, reply.handBack.map(claimKey))) faults.push(`hand back is not ${back.join()}`)
  forgetSettled(world, forgotten)
  return faults
}

export function rescue(world: World, answered: Of<'rescue'>, isAlone: boolean): Faults {
  const { reply } = answered
  if (mayTakeOver(world, answered)) {
    for (const [workerId, now] of world.workers) {
      if (now.leaseUntilMs < world.nowMs) world.workers.set(workerId, { ...now, isLive: false })
    }
  }
  const ofGone = [...world.receipts].filter(([, { workerId }]) => !isLive(world, workerId))
  const lost = ofGone.flatMap(([, { claims }]) => claims).filter((step) => isRunning(world, step))
  const taken = lost.filter((step) => reply.recorded.get(stepKey(step))?.claimNo === step.claimNo)
  const faults: Faults = []
  if (taken.length !== reply.recorded.size) faults.push('what nobody had lost was rescued')
  if (isAlone && taken.length !== lost.length)
    faults.push(`${taken.length} of ${lost.length} were rescued`)
  for (const step of taken) lose(world, step)
  for (const task of touchedBy(world, taken)) if (isOpen(task)) judgeEnd(task)
  forgetSettled(world, isAlone ? ofGone : [])
  return faults
}

/** Rule 11: it has held its lease for a whole lease without a gap, and holds it now. */
function mayTakeOver(world: World, answered: Of<'rescue'>): boolean {
  const rescuer = world.workers.get(answered.workerId)
  if (rescuer?.isLive !== true || !answered.mayTakeOver) return false
  const { leaseUntilMs, renewedSinceMs } = rescuer
  return leaseUntilMs >= world.nowMs && renewedSinceMs <= world.nowMs - leaseMs
}

/** Whether this is the claim that runs, in a task that goes on; a deadline may end after its task. */
const mayRecord = (world: World, outcome: StepOutcome): boolean =>
  isRunning(world, outcome) && (isOpen(taskOf(world, outcome.taskId)) || outcome.stepNo === -1)

const endOf = ({ kind }: Pick<StepOutcome, 'kind'>): 'complete' | 'error' | 'pending' =>
  kind === 'complete' ? 'complete' : kind === 'failed' ? 'error' : 'pending'

function lateAnswer(world: World, outcome: StepOutcome): string {
  const end = world.ended.get(claimKey(outcome))
  const isSame = end === endOf(outcome) || (end === 'complete' && outcome.kind === 'failed')
  return isSame ? 'already_recorded' : 'refused'
}

/** A call that is found by its receipt records nothing any more. */
function answerAgain(world: World, outcome: StepOutcome, reply: Of<'finish'>['reply']): Faults {
  const late = lateAnswer(world, outcome)
  const expected = late === 'refused' && isRunning(world, outcome) ? 'busy' : late
  const answer = answerTo(outcome, reply)
  return answer === expected ? [] : [`${claimKey(outcome)} again: ${answer}, not ${expected}`]
}

function answerTo(outcome: StepOutcome, reply: Of<'finish'>['reply']): string {
  if (reply.recorded.get(stepKey(outcome))?.claimNo === outcome.claimNo) return 'recorded'
  const told = reply.unrecorded.find((one) => claimKey(one) === claimKey(outcome))
  return told?.answer ?? 'nothing'
}

function record(world: World, outcome: StepOutcome): void {
  const task = taskOf(world, outcome.taskId)
  const step = stepOf(task, outcome.stepNo)
  const { kind, delayMs, runAt, result } = outcome
  world.ended.set(claimKey(outcome), endOf(outcome))
  step.state = endOf(outcome)
  step.workerId = null
  if (kind === 'complete' && step.stepNo > 0) step.result = JSON.parse(result ?? 'null') as Json // it was JSON text
  if (kind === 'wait' || kind === 'release') step.attempts -= 1
  if (kind === 'wait') step.waits += 1
  if (kind === 'complete' || !isOpen(task)) return
  if (kind === 'wait') step.dueMs = runAt?.getTime() ?? world.nowMs
  if (kind === 'release') step.dueMs = world.nowMs
  if (kind === 'failed' && delayMs !== null && step.attempts < step.limit)
    step.dueMs = world.nowMs + delayMs
}

function lose(world: World, ref: StepRef): void {
  const task = taskOf(world, ref.taskId)
  const step: StepNow = stepOf(task, ref.stepNo)
  step.state = 'error'
  step.workerId = null
  step.attempts -= 1
  step.losses += 1
  // The first time it keeps its place; a suspect goes to the end of its lane.
  if (step.retryable && step.losses < lostLimit && isOpen(task))
    step.dueMs = step.losses === 1 ? step.placeMs : world.nowMs
}

function forgetSettled(
  world: World,
  receipts: readonly (readonly [callId: string, { readonly claims: readonly StepRef[] }])[],
): void {
  for (const [callId, { claims }] of receipts) {
    if (!claims.some((step) => isRunning(world, step))) world.receipts.delete(callId as never) // it is a key of that map
  }
}

const touchedBy = (world: World, steps: readonly StepRef[]): readonly TaskNow[] =>
  world.tasks.filter(({ taskId }) => steps.some((step) => step.taskId === taskId))

const refOf = ({ taskId, stepNo, claimNo }: StepRef): StepRef => ({ taskId, stepNo, claimNo })

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.toSorted().join() === b.toSorted().join()
