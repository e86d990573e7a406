// Steps with equal reasons, put together for people: "37 steps wait behind charge" is one line, whatever the task's size.
import { shellWord } from '../wording.ts'
import { severities, type Remedy, type RemedyCall, type StepReason } from './reason-types.ts'

export interface ReasonGroup {
  /** Stands for all of them: the one that goes on first, or has waited longest. */
  readonly first: StepReason
  readonly steps: readonly StepReason[]
  /** What is the case, for one or for all. */
  readonly explanation: string
  /** What would change it for all of them, best first; what ends the whole task is left out. */
  readonly remedies: readonly Remedy[]
}

/** More names than this make no readable command. */
const namedMax = 5

/** Worst first, then in the order of declaration. */
export function groupReasons(steps: readonly StepReason[]): readonly ReasonGroup[] {
  const groups = new Map<string, StepReason[]>()
  for (const step of steps) {
    const key = keyOf(step)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [step])
    else group.push(step)
  }
  return [...groups.values()].map(groupOf).toSorted((a, b) => rank(a) - rank(b))
}

/** Where a difference is one of times only, it is none. */
function keyOf(step: StepReason): string {
  const parts = (): readonly unknown[] => {
    switch (step.reason) {
      case 'parent':
        return [step.rootCauses[0]?.step, step.rootCauses.length > 1]
      case 'exhausted':
        return [step.cause, step.error?.class, step.error?.code, step.error?.message]
      case 'retry':
        return [step.attempt, step.rule, step.error?.class, step.error?.code, step.error?.message]
      case 'running':
        return [step.attempt, step.worker?.workerId]
      case 'worker_lost':
        return [step.worker?.workerId]
      case 'wait':
      case 'ended':
        return [step.why]
      case 'held':
      case 'no_worker':
      case 'unqueued':
      case 'suspect':
      case 'concurrency':
      case 'due':
        return []
      default:
        return step satisfies never
    }
  }
  return JSON.stringify([step.reason, ...parts()])
}

function groupOf(steps: readonly StepReason[]): ReasonGroup {
  const first = steps.reduce((best, step) => (timeOf(step) < timeOf(best) ? step : best))
  const remedies = remediesFor(first, steps)
  if (first.reason !== 'parent') return { first, steps, explanation: first.explanation, remedies }
  const verb = steps.length === 1 ? 'waits' : 'wait'
  const others = first.rootCauses.length > 1 ? ' and others' : ''
  const explanation = `${verb} behind ${first.rootCauses[0]?.step}${others}`
  return { first, steps, explanation, remedies }
}

function remediesFor(first: StepReason, steps: readonly StepReason[]): readonly Remedy[] {
  const own = first.remedies.filter(({ command }) => !command.startsWith('tasker task cancel '))
  if (steps.length === 1 || first.reason === 'parent') return own
  const named = (step: StepReason): string => ` --step ${shellWord(step.step)}`
  if (steps.length <= namedMax) {
    const names = steps.map(named).join('')
    return own.map(({ command, call, effect }) => ({
      command: command.replace(named(first), () => names),
      call: isOf(first, call) ? { ...call, steps: steps.map(({ step }) => step) } : call,
      effect,
    }))
  }
  return own.flatMap(({ command, call, effect }): readonly Remedy[] => {
    if (!isOf(first, call)) return [{ command, call, effect }]
    if (!['retry', 'retry_now', 'wake'].includes(call.action)) return []
    return [
      {
        command: command.replace(named(first), ''),
        call: { ...call, steps: [] },
        effect: `${effect}, and all like it`,
      },
    ]
  })
}

const isOf = ({ step }: StepReason, call: RemedyCall | null): call is RemedyCall =>
  call?.steps.includes(step) === true

const timeOf = (step: StepReason): number =>
  (step.nextAt ?? step.since)?.getTime() ?? Number.POSITIVE_INFINITY

const rank = ({ first }: ReasonGroup): number => severities[first.reason]
