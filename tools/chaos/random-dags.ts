// Random graphs with scripted steps: drawn from a seed, created as tasks, and compared in the end with what the oracle of
// the property tests says must come of them, whoever crashed meanwhile.
import { setTimeout as pause } from 'node:timers/promises'
import {
  defineTask,
  PermanentError,
  RetryableError,
  type GivenDefinition,
  type Json,
  type JsonObject,
  type RunStep,
  type StepExecution,
  type Tasker,
} from '@tasker/engine'
import {
  finalOf,
  outcomeOf,
  taskStateOf,
  type Outcome,
  type ScriptedStep,
} from '../../packages/engine/test/properties/oracle.ts'
import type { Ledger } from './ledger.ts'
import type { Random } from './random.ts'
import type { Ask } from './stage.ts'

export interface DagPlan {
  /** The idempotency key of its task, by which it is found again. */
  readonly key: string
  readonly steps: readonly DagStep[]
}

interface DagStep extends ScriptedStep {
  /** How long the handler takes. */
  readonly ms: number
}

const limits = [2, 3, 4] as const
const nameOfDag = (limit: number): string => `random_dag_${limit}`
const nameOfStep = (index: number): string => `s[${index}]`

export interface DagOptions {
  readonly count: number
  /** Default 8. */
  readonly stepsMax?: number
  /** Longest run of a handler. Default 200. */
  readonly handlerMsMax?: number
  /** Default `dag`. Told apart when one scenario makes several sets. */
  readonly prefix?: string
}

export function randomPlans(random: Random, options: DagOptions): readonly DagPlan[] {
  const { count, stepsMax = 8, handlerMsMax = 200, prefix = 'dag' } = options
  return Array.from({ length: count }, (_, number): DagPlan => {
    const limit = random.pick(limits)
    const steps = Array.from({ length: random.between(1, stepsMax) }, (_step, index): DagStep => {
      const before = Array.from({ length: index }, (_parent, parent) => nameOfStep(parent))
      return {
        name: nameOfStep(index),
        parents: before.filter(() => random.next() < 1.6 / (index + 1)),
        limit,
        script: scriptFrom(random),
        ms: random.between(0, handlerMsMax),
      }
    })
    return { key: `${prefix}-${number}`, steps }
  })
}

/** Most steps succeed at once; the others fail, wait or give up first. */
function scriptFrom(random: Random): readonly Outcome[] {
  if (random.next() < 0.7) return []
  const outcomes: readonly [Outcome, ...Outcome[]] = [
    { kind: 'fail' },
    { kind: 'fail' },
    { kind: 'retry_after', ms: random.between(0, 300) },
    { kind: 'wait', ms: random.between(0, 300) },
    { kind: 'wait', ms: 0 },
    { kind: 'permanent' },
  ]
  return Array.from({ length: random.between(1, 3) }, () => random.pick(outcomes))
}

/** For casts: handlers that follow the script and keep the ledger. */
export const dagDefinitions = (ledger: Ledger): readonly GivenDefinition[] =>
  definitionsWith((execution) => ledger.keep(execution, (no) => play(execution, no)))

/** For the process that creates tasks and runs none. */
export const dagsToCreate: readonly GivenDefinition[] = definitionsWith(async () => null)

function definitionsWith(run: RunStep): readonly GivenDefinition[] {
  return limits.map((limit) =>
    defineTask({ namespace: 'chaos', name: nameOfDag(limit), version: '1.0.0' }).expand(
      's',
      { retry: { limit } },
      (context: JsonObject) =>
        // The context is the plan that requestOf wrote.
        (context as unknown as DagPlan).steps.map(({ name, parents, ...inputs }) => ({
          key: keyOf(name),
          after: parents.map(keyOf),
          inputs: { name, parents, ...inputs } as unknown as JsonObject, // a DagStep is JSON
        })),
      // The inputs are what the line above wrote; the builder's types name steps of this definition only.
      (execution) => run(execution as unknown as StepExecution) as Promise<Json>,
    ),
  )
}

const keyOf = (name: string): string => name.slice('s['.length, -1)

async function play(execution: StepExecution, outcomeNo: number): Promise<unknown> {
  const step = execution.inputs as unknown as DagStep // see definitionsWith
  await pause(step.ms, undefined, { signal: execution.signal })
  const outcome = outcomeOf(step, outcomeNo)
  switch (outcome.kind) {
    case 'ok':
      return { by: execution.claimNo, value: valueOf(Object.values(execution.results)) }
    case 'fail':
      throw new Error('as scripted')
    case 'permanent':
      throw new PermanentError('as scripted')
    case 'retry_after':
      throw new RetryableError('as scripted', { afterMs: outcome.ms })
    case 'wait':
      return execution.waitUntil(new Date(trueNowMs() + outcome.ms), 'as scripted')
    default:
      return outcome satisfies never
  }
}

/** Wall time, also in a process whose clock is skewed: what the handler asks for is not what is tested. */
const trueNowMs = (): number => performance.timeOrigin + performance.now()

/** One more than the sum over its parents: what a step gets wrong when a parent's result is not there. */
const valueOf = (results: readonly unknown[]): number =>
  results.reduce<number>((sum, result) => sum + (result as { readonly value: number }).value, 1)

/** Creates them in batches; what was created before, when an answer was lost, is found again by its key. */
export async function createDags(tasker: Tasker, plans: readonly DagPlan[]): Promise<void> {
  await tasker.tasks.createMany(
    plans.map((plan) => ({
      definition: `chaos/${nameOfDag(plan.steps[0]?.limit ?? limits[0])}@1.0.0`,
      context: { key: plan.key, steps: plan.steps },
      idempotencyKey: plan.key,
    })),
  )
}

interface FoundStep {
  readonly key: string
  readonly task_id: string
  readonly task_state: string
  readonly tasks: number
  readonly name: string
  readonly state: string
  readonly attempts: number
  readonly waits: number
  readonly result: { readonly by: number; readonly value: number } | null
  readonly completed_by: readonly number[]
  readonly runs: number
  readonly runs_without_claim: number
  readonly began_too_early: number
}

/** Everything in which the tasks differ from what was predicted; empty when all is well. */
export async function compareDags(ask: Ask, plans: readonly DagPlan[]): Promise<readonly string[]> {
  // The columns are those of the query.
  const rows = (await ask(foundSteps, [plans.map(({ key }) => key)])) as unknown as FoundStep[]
  const byKey = Map.groupBy(rows, ({ key }) => key)
  return plans.flatMap((plan) => {
    const found = byKey.get(plan.key)
    if (found === undefined) return [`${plan.key}: there is no such task`]
    return compare(plan, found).map((fault) => `${plan.key} (${found[0]?.task_id}): ${fault}`)
  })
}

function compare(plan: DagPlan, found: readonly FoundStep[]): readonly string[] {
  const ends = finalOf(plan.steps)
  const values = new Map<string, number>()
  const faults: string[] = []
  const expect = (what: string, actual: unknown, expected: unknown): void => {
    if (actual !== expected) faults.push(`${what} is ${String(actual)}, not ${String(expected)}`)
  }
  expect('its state', found[0]?.task_state, taskStateOf(ends.values()))
  expect('its number of steps', found.length, plan.steps.length)
  for (const step of plan.steps) {
    const end = ends.get(step.name)
    const row = found.find(({ name }) => name === step.name)
    if (end === undefined || row === undefined) {
      faults.push(`${step.name} is not there`)
      continue
    }
    const value = step.parents.reduce((sum, parent) => sum + (values.get(parent) ?? 0), 1)
    values.set(step.name, value)
    expect(`${step.name}: state`, row.state, end.state)
    expect(`${step.name}: attempts`, row.attempts, end.attempts)
    expect(`${step.name}: waits`, row.waits, end.waits)
    const isComplete = end.state === 'complete'
    expect(`${step.name}: completions recorded`, row.completed_by.length, isComplete ? 1 : 0)
    expect(`${step.name}: result`, row.result?.value, isComplete ? value : undefined)
    expect(`${step.name}: claim in the result`, row.result?.by, row.completed_by[0])
    const outcomes = end.attempts + end.waits
    if (row.runs < outcomes)
      faults.push(`${step.name} ran ${row.runs} times, ${outcomes} predicted`)
    if (outcomes === 0) expect(`${step.name}: runs`, row.runs, 0)
    expect(`${step.name}: runs without a claim`, row.runs_without_claim, 0)
    expect(`${step.name}: runs before its parents were done`, row.began_too_early, 0)
  }
  return faults
}

const foundSteps = `
  select k.key, t.task_id, t.state as task_state, g.name, s.state, s.attempts, s.waits, r.result,
    coalesce(h.completed_by, '{}') as completed_by,
    l.runs, l.runs_without_claim, l.began_too_early
  from tasker.idempotency_keys k
  join tasker.tasks t on t.task_id = k.task_id
  join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no > 0
  join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
  left join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
  cross join lateral (
    select array_agg(h.claim_no order by h.seq) as completed_by
    from tasker.workflow_step_transitions h
    where h.task_id = s.task_id and h.step_no = s.step_no
      and h.from_state = 'in_progress' and h.to_state = 'complete'
  ) h
  cross join lateral (
    select max(p.ended_at) as done_at
    from tasker.workflow_steps p
    where p.task_id = s.task_id and p.step_no = any (g.parents)
  ) p
  cross join lateral (
    select count(*)::integer as runs,
      count(*) filter (where c.claim_no is null)::integer as runs_without_claim,
      count(*) filter (where l.began_at < p.done_at)::integer as began_too_early
    from chaos.ledger l
    left join tasker.step_claims c
      on c.task_id = l.task_id and c.step_no = s.step_no and c.claim_no = l.claim_no
    where l.task_id = s.task_id and l.step = g.name
  ) l
  where k.key = any ($1)`
