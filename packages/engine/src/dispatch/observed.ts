// What those are told who watch a worker from outside: metrics count its calls, traces make spans of calls and attempts.
// While nobody watches, nothing is put together for them.
import { readStepKey } from '../database/finish-reply.ts'
import type { ClaimedStep, FinishReply, StepOutcome } from '../database/steps.ts'
import type { CallId } from '../ids.ts'
import type { AttemptEnd, ClaimedTrace, Instrumentation } from '../instrumentation.ts'
import type { InFlight } from './in-flight.ts'
import type { Became, SentAttempt } from './publish.ts'

/** For who counts what a worker does. */
export interface WorkerObserver {
  /** A call was answered that recorded and claimed so many steps. */
  called(stepCount: number): void
  rescued(stepCount: number): void
}

export interface Observers {
  /** Null: nobody counts. */
  readonly observer: WorkerObserver | null
  /** Null: nobody traces. */
  readonly instrumentation: Instrumentation | null
}

export interface AnsweredCall {
  readonly call: {
    readonly callId: CallId
    readonly workerId: number
    readonly outcomes: readonly StepOutcome[]
  }
  readonly claims: readonly ClaimedStep[]
  readonly durationMs: number
  readonly inFlight: InFlight
}

/** Before the attempts that it claimed start, and before its outcomes are forgotten. */
export function tellCalled({ observer, instrumentation }: Observers, answered: AnsweredCall): void {
  const { call, claims, durationMs } = answered
  const { callId, workerId, outcomes } = call
  observer?.called(outcomes.length + claims.length)
  if (instrumentation?.isActive !== true) return
  instrumentation.called({
    callId,
    workerId,
    durationMs,
    claims,
    statement: 'finish_steps',
    outcomeCount: outcomes.length,
    tasks: () => tasksOf(answered),
  })
}

function* tasksOf({
  call,
  claims,
  inFlight,
}: AnsweredCall): Iterable<Pick<ClaimedTrace, 'taskId' | 'traceParent'>> {
  yield* claims
  for (const outcome of call.outcomes) {
    const step = inFlight.sentFor(outcome)?.step
    if (step !== undefined && 'traceParent' in step) yield step
  }
}

/** Steps of workers that were lost were taken over. */
export function tellRescued(
  { observer, instrumentation }: Observers,
  { recorded }: Pick<FinishReply, 'recorded'>,
): void {
  observer?.rescued(recorded.size)
  if (instrumentation?.isActive !== true) return
  instrumentation.lost(
    [...recorded].map(([key, { claimNo }]) => ({ ...readStepKey(key), claimNo })),
  )
}

/** How the attempt went, for its span. `became` is null when its outcome was refused. */
export function tellEnded(
  { trace, result }: Pick<SentAttempt, 'trace' | 'result'>,
  became: Became | null,
): void {
  if (trace === null) return
  const { kind, reason, error, delayMs } = result.outcome
  const customEvents = result.events.map(({ name }) => name)
  const end: AttemptEnd = {
    kind,
    reason,
    error,
    became,
    isRetryable: delayMs !== null,
    customEvents,
  }
  trace.ended(end)
}
