// The cast of the crash points: diamonds, and one point at which the process kills itself. It knows where its one slot stands
// from the claims in the replies of finish_steps, and tells of each statement where it was sent.
import type { StepExecution } from '@tasker/engine'
import type { MakeCast } from '../cast.ts'
import { diamond, diamondSteps, type Variant } from '../diamonds.ts'
import { pointOf, type Place, type Point } from '../crash-point.ts'
import type { Statement } from '../statements.ts'
import { tailDefinition } from '../tail.ts'

interface DiamondOptions {
  readonly cases: readonly { readonly id: string; readonly variant: Variant }[]
  /** Where the process kills itself; null: nowhere. */
  readonly crash: (Point & { readonly moment: 'before' | 'after' }) | null
  /** Steps whose handlers wait: for the crash, or to be called off. */
  readonly held: readonly string[]
  /** Each held handler goes on after so long; null: never. */
  readonly holdMs: number | null
}

export const makeCast: MakeCast = ({ ledger, name, options, say }) => {
  // crash-points.ts wrote them.
  const { cases, crash, held, holdMs } = options as unknown as DiamondOptions
  let place: Place = 'start'
  const told = new Set<string>()
  /** An answer belongs to the place at which its statement was sent. */
  const sentAt = new WeakMap<Statement, Point>()

  const reach = (point: Point, moment: 'before' | 'after'): void => {
    const isNew = !told.has(`${point.call} ${point.place}`)
    told.add(`${point.call} ${point.place}`)
    if (isNew) say('sent', { ...point })
    if (crash?.call !== point.call || crash.place !== point.place || crash.moment !== moment) return
    process.kill(process.pid, 'SIGKILL')
  }
  const hold = async ({ stepName, signal }: StepExecution): Promise<void> => {
    if (!held.includes(stepName)) return
    say(`holding ${stepName}`)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = holdMs === null ? undefined : setTimeout(resolve, holdMs)
    signal.addEventListener('abort', () => resolve())
    await promise
    clearTimeout(timer)
    signal.throwIfAborted()
  }
  return {
    definitions: [
      ...cases.map(({ id, variant }) => diamond(id, variant, { ledger, hold })),
      tailDefinition(name, ledger),
    ],
    watch: {
      before(statement) {
        const point = pointOf(statement, place)
        sentAt.set(statement, point)
        reach(point, 'before')
      },
      after(statement, rows) {
        reach(sentAt.get(statement) ?? pointOf(statement, place), 'after')
        // The reply of a call that claims is a point of the step it claimed, beside that of the step it recorded.
        const claimed = placeClaimedBy(statement, rows ?? [])
        if (claimed === null) return
        place = claimed
        reach({ call: 'claim', place }, 'after')
      },
    },
  }
}

function placeClaimedBy(
  { name }: Statement,
  rows: readonly Readonly<Record<string, unknown>>[],
): Place | null {
  if (name !== 'finish_steps') return null
  for (const { row } of rows) {
    // One slot: what it was given stands first (finish_steps.sql).
    const { kind, step_nos: stepNos } = row as Readonly<Record<string, unknown>>
    if (kind !== 'claims' && kind !== 'children') continue
    const [stepNo = 0] = stepNos as readonly number[] // of both kinds
    return stepNo === -1 ? 'deadline' : (diamondSteps[stepNo - 1] ?? 'hook')
  }
  return null
}
