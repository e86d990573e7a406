// Deadlines and annotations hooks while no slot is free. Neither runs a step handler, so neither waits for one that hangs:
// they are looked for by themselves, and each kind has a small room of its own beside the slots, so that hooks that hang
// keep no deadline waiting.
import type { FinishCall, FinishReply } from '../database/steps.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import type { DefinitionId } from '../ids.ts'
import type { Claim } from './batcher.ts'

export interface HooksOptions {
  readonly definitions: ReadonlyMap<DefinitionId, TaskDefinition>
  readonly lanesPerCall: number
  /** How many of a kind are under way. */
  readonly runningCount: (stepNo: HookStepNo) => number
}

/** -1: the deadline. 0: the annotations hook. */
type HookStepNo = -1 | 0

/** A deadline takes a moment of the database; a hook runs code of the host. */
const atOnceMax: Readonly<Record<HookStepNo, number>> = { [-1]: 20, 0: 5 }

/** The number that stands for one kind in a lane, in claim_due.sql. */
const laneBits = 29

/** What one call asks for. */
interface Page {
  readonly stepNo: HookStepNo
  readonly lanes: readonly number[]
}

export class Hooks {
  readonly #options: HooksOptions
  readonly #pages: readonly Page[]
  #left: readonly Page[] = []
  #looksSinceIdle = 0

  constructor(options: HooksOptions) {
    this.#options = options
    const all = [...options.definitions]
    const annotated = all.filter(([, { annotate }]) => annotate !== null)
    const idsOf = (some: typeof all): readonly DefinitionId[] => some.map(([id]) => id)
    this.#pages = [
      ...pagesOf(-1, idsOf(all), options.lanesPerCall),
      ...pagesOf(0, idsOf(annotated), options.lanesPerCall),
    ]
  }

  /**
   * Time for a look. A worker that found fewer due steps than it has slots since the last time has seen all there is; it
   * does as often as it looks here, so one of the two may come just before the other.
   * False: nothing to look for.
   */
  look(): boolean {
    // Copies, so that the answer to a call sent before this look is not taken for one to it.
    if (this.#looksSinceIdle > 1)
      this.#left = this.#pages.map((page) => ({ ...page, lanes: [...page.lanes] }))
    this.#looksSinceIdle += 1
    return this.#left.length > 0
  }

  /** What to claim now; null: nothing of this kind. A suspect runs alone: nothing but deadlines beside it. */
  next({ isAlone }: { readonly isAlone: boolean }): Claim | null {
    for (const { stepNo, lanes } of this.#left) {
      const want = atOnceMax[stepNo] - this.#options.runningCount(stepNo)
      if (want <= 0 || (isAlone && stepNo === 0)) continue
      return { want, lanes, dueFirst: true, mayBeDue: true, wakeCount: 0 }
    }
    return null
  }

  /** Learns from a reply. */
  probed(call: Pick<FinishCall, 'want' | 'lanes'>, reply: FinishReply): void {
    if (!isOfHooks(call)) {
      if (reply.idle !== null) this.#looksSinceIdle = 0
      return
    }
    const isDone = reply.claims.length < call.want
    if (isDone) this.#left = this.#left.filter(({ lanes }) => lanes !== call.lanes)
  }
}

/** A call that claims what runs no step handler. */
export const isOfHooks = ({ lanes }: Pick<Claim, 'lanes'>): boolean =>
  lanes.some((lane) => lane >= 2 ** laneBits)

function pagesOf(
  stepNo: HookStepNo,
  ids: readonly DefinitionId[],
  lanesPerCall: number,
): readonly Page[] {
  const lanes = ids.map((id) => id + (1 - stepNo) * 2 ** laneBits)
  const count = Math.ceil(lanes.length / lanesPerCall)
  return Array.from({ length: count }, (_, page) => ({
    stepNo,
    lanes: lanes.slice(page * lanesPerCall, (page + 1) * lanesPerCall),
  }))
}
