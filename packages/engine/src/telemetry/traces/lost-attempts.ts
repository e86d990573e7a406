// Attempts whose worker is gone: nobody there ended their spans, so who takes them over tells of them, as they are recorded.
import type { LostAttempt, LostClaim } from '../../instrumentation.ts'
import { attemptAttributes } from './attempts.ts'
import { spanNames } from './hierarchy.ts'
import type { Tracing } from './tracing.ts'

export type ReadLostAttempts = (claims: readonly LostClaim[]) => Promise<readonly LostAttempt[]>

export class LostAttempts {
  readonly #tracing: Tracing
  readonly #read: ReadLostAttempts
  readonly #reading = new Set<Promise<void>>()

  constructor(tracing: Tracing, read: ReadLostAttempts) {
    this.#tracing = tracing
    this.#read = read
  }

  /** What runs no step handler has no spans. */
  lost(claims: readonly LostClaim[]): void {
    if (this.#tracing.tracer === null) return
    const wanted = claims.filter(
      ({ taskId, stepNo }) =>
        stepNo > 0 && this.#tracing.isWanted('step.execution_requested', taskId),
    )
    if (wanted.length === 0) return
    const endedMs = this.#tracing.clock.nowMs()
    const reading = this.#read(wanted)
      .then((attempts) => {
        for (const attempt of attempts) this.#tell(attempt, endedMs)
      })
      .catch((error: unknown) => this.#tracing.report(error))
      .then(() => {
        this.#reading.delete(reading)
      })
    this.#reading.add(reading)
  }

  async close(): Promise<void> {
    await Promise.all(this.#reading)
  }

  #tell(attempt: LostAttempt, endedMs: number): void {
    const { api, tracer } = this.#tracing
    const trace = this.#tracing.traceOf(attempt.traceParent)
    if (tracer === null || trace.isUnsampled) return
    const startMs = attempt.startedAt.getTime()
    const span = tracer.startSpan(
      spanNames.attempt,
      {
        kind: api.SpanKind.CONSUMER,
        startTime: startMs,
        attributes: {
          ...attemptAttributes(attempt, attempt),
          'tasker.step.depends_on': [...attempt.dependsOn],
          'tasker.step.outcome': 'lost',
        },
        root: trace.parent === null,
      },
      trace.context,
    )
    this.#tracing.fail(span, { type: 'worker_lost', message: null })
    span.end(Math.max(startMs, endedMs))
  }
}
