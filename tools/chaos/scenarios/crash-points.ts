// A worker process kills itself at one point of one step: before a statement is sent, or after it has committed and before
// its answer is seen. The points are those that a run without a crash passes, of every statement and at every step; each
// statement that the engine's source names must be among them. Then others finish the tasks, and they must look as if
// nothing had happened.
import {
  addressOf,
  bookingsTable,
  diamondSteps,
  diamondToCreate,
  variants,
  type Variant,
} from '../diamonds.ts'
import type { Place, Point } from '../crash-point.ts'
import { callsInSource, neverSentByWorkers } from '../engine-calls.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'
import type { WorkerHandle } from '../worker-handle.ts'
import type { WorkerOptions } from '../worker-settings.ts'

interface Case extends Point {
  readonly id: string
  readonly variant: Variant
  readonly moment: 'before' | 'after'
}

/** One slot, so that a process is always at one step; results of parents apart, so that reading them is a point too. */
const options: WorkerOptions = {
  orchestration: {
    heartbeatIntervalMs: 300,
    leaseMs: 4_000,
    scanIntervalMs: 300,
    sweepIntervalMs: 1_000,
    pollIntervalMs: 300,
  },
  execution: { maxConcurrentStepsLimit: 1, parentResultsMaxBytes: 0, workerLostLimit: 5 },
}

/** A deadline takes a slot of its own, while the step that hangs has the other. */
const optionsOf = (variant: Variant): WorkerOptions =>
  variant === 'deadline'
    ? { ...options, execution: { ...options.execution, maxConcurrentStepsLimit: 2 } }
    : options

/** Longer than any interval above: while a handler waits so long, everything periodic takes place. */
const holdMs = 1_600
/** From the first step to the deadline. */
const deadlineMs = 1_500
const processesAtOnce = 4
const reachLimitMs = 60_000

export const scenario: Scenario = {
  name: 'crash-points',
  endsWith: 'the same end as without a crash, each result recorded once; no point left out',
  async run(stage) {
    await stage.ask(bookingsTable)
    const points = await record(stage)
    checkList(stage, points)
    const all = casesOf(points)
    const cases = stage.isShort ? sample(stage, all) : all
    await crashAll(stage, cases)
    await finishAll(stage, cases)
    await compare(stage, cases)
    return {
      faults: { SIGKILL: cases.length },
      tasks: cases.length + variants.length,
      figures: { 'crash points': all.length, 'of them tried': cases.length },
    }
  },
}

const reference = (variant: Variant): string => `without_crash_${variant}`

/** A life without a crash, by variant: the points that it passes, and the end that all others must have. */
async function record(stage: ChaosStage): Promise<ReadonlyMap<Variant, readonly Point[]>> {
  await create(
    stage,
    variants.map((variant) => ({ id: reference(variant), variant })),
  )
  const workers = variants.map((variant) => {
    const id = reference(variant)
    const castOptions = { cases: [{ id, variant }], crash: null, held: [...diamondSteps], holdMs }
    const request = { name: id, cast: 'diamonds', options: optionsOf(variant), castOptions }
    return [variant, stage.startWorker(request)] as const
  })
  await nearDeadline(stage, reference('deadline'), () => true)
  await untilDone(stage)
  await Promise.all(workers.map(([, worker]) => worker.stop({ waitMs: 2_000, abortMs: 500 })))
  return new Map(workers.map(([variant, worker]) => [variant, pointsOf(worker)]))
}

/** Every task has ended, and its hook as well. */
async function untilDone(stage: ChaosStage): Promise<void> {
  await stage.untilAllEnded(120_000)
  await stage.until(
    'the hooks are done',
    async () =>
      (await stage.count(
        `select (select count(*) from tasker.due)
           + (select count(*) from tasker.workflow_steps where state = 'in_progress')`,
      )) === 0,
  )
}

const pointsOf = (worker: WorkerHandle): readonly Point[] =>
  worker.messages.flatMap((message) =>
    message.kind === 'said' && message.what === 'sent'
      ? [message.about as unknown as Point] // said by casts/diamonds.ts
      : [],
  )

/** The list is closed: what the source names is a point, or stands among those that no worker sends. */
function checkList(stage: ChaosStage, points: ReadonlyMap<Variant, readonly Point[]>): void {
  const sent = new Set([...points.values()].flat().map(({ call }) => call))
  const named = callsInSource()
  const missing = named.filter((call) => !sent.has(call) && !neverSentByWorkers.includes(call))
  const wrong = neverSentByWorkers.filter((call) => sent.has(call) || !named.includes(call))
  stage.expect('calls in the source that no crash point stands at', missing, [])
  stage.expect('calls said to be never sent, that are sent or do not exist', wrong, [])
  for (const [variant, passed] of points) {
    const places = new Set(passed.map(({ place }) => place))
    const left = placesPassed[variant].filter((place) => !places.has(place))
    stage.expect(`places that ${variant} never passed`, left, [])
  }
}

/** A claim that the cast did not understand would leave all points of its step out without a word. */
const placesPassed: Readonly<Record<Variant, readonly Place[]>> = {
  plain: ['start', ...diamondSteps, 'hook'],
  in_transaction: ['start', ...diamondSteps],
  deadline: ['start', 'top', 'deadline'],
}

function casesOf(points: ReadonlyMap<Variant, readonly Point[]>): readonly Case[] {
  const cases = [...points].flatMap(([variant, passed]) =>
    passed
      .flatMap((point) => placesOf(variant, point))
      .flatMap((point): readonly Omit<Case, 'id'>[] =>
        (point.call === 'claim' ? (['after'] as const) : (['before', 'after'] as const)).map(
          (moment) => ({ ...point, variant, moment }),
        ),
      ),
  )
  return cases.map((one, index) => ({ ...one, id: `case_${index}` }))
}

/** A stop may come at any step; the recorded one came at the end. Where a deadline passes meanwhile, it would miss its place. */
function placesOf(variant: Variant, point: Point): readonly Point[] {
  if (point.call !== 'stop_worker') return [point]
  if (variant === 'deadline') return []
  return diamondSteps.map((place) => ({ call: point.call, place }))
}

/** Every call, at a moment and a place drawn from the seed. */
function sample(stage: ChaosStage, all: readonly Case[]): readonly Case[] {
  const byCall = Map.groupBy(all, ({ call }) => call)
  return [...byCall.values()].flatMap((cases) => stage.random.pick(cases) ?? [])
}

async function create(
  stage: ChaosStage,
  cases: readonly { readonly id: string; readonly variant: Variant }[],
): Promise<void> {
  const tasker = await stage.createTasker(
    cases.map(({ id, variant }) => diamondToCreate(id, variant)),
  )
  try {
    for (const { id } of cases)
      await tasker.tasks.create(addressOf(id), { context: {}, tags: [id] })
  } finally {
    await tasker.close()
  }
}

async function crashAll(stage: ChaosStage, cases: readonly Case[]): Promise<void> {
  const waiting = [...cases]
  const crashSome = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      await crash(stage, one)
  }
  await Promise.all(Array.from({ length: processesAtOnce }, crashSome))
}

async function crash(stage: ChaosStage, one: Case): Promise<void> {
  const { id, variant, call, place, moment } = one
  await create(stage, [one])
  const isHeld = diamondSteps.some((step) => step === place)
  const worker = stage.startWorker({
    name: id,
    cast: 'diamonds',
    options: optionsOf(variant),
    castOptions: {
      cases: [{ id, variant }],
      crash: { call, place, moment },
      held: isHeld ? [place] : [],
      // For a stop it waits until it is called off; for anything else, long enough.
      holdMs: call === 'stop_worker' ? null : holdMs,
    },
  })
  if (call === 'stop_worker') {
    await worker.said(`holding ${place}`)
    void worker.stop({ waitMs: 0, abortMs: 500 })
  }
  const reach = async (): Promise<void> => {
    if (variant === 'deadline') await nearDeadline(stage, id, () => worker.isRunning)
    const what = `it comes to ${nameOf(one)}`
    await stage.until(what, () => !worker.isRunning, { limitMs: reachLimitMs })
  }
  await reach().catch((error: unknown) => stage.fault(String(error)))
  if (worker.isRunning) await worker.kill()
  else if (worker.exit?.signal !== 'SIGKILL')
    stage.fault(`${nameOf(one)}: the process ended before it came there`)
}

/**
 * The deadline comes so long after the first step has been claimed, or after the process that would have claimed it is gone.
 * One that counted from the creation would, on a busy machine, pass before the process works: then the step is never at its
 * points, which are waited for in vain.
 */
async function nearDeadline(
  stage: ChaosStage,
  id: string,
  isRunning: () => boolean,
): Promise<void> {
  await stage.until(
    `the first step of ${id} is claimed`,
    async () => !isRunning() || (await stage.count(claimsOfFirstStep, [[id]])) > 0,
    { limitMs: reachLimitMs },
  )
  await stage.ask(nearDeadlineSql, [[id], deadlineMs])
}

const claimsOfFirstStep = `
  select count(*) from tasker.step_claims c join tasker.tasks t using (task_id) where t.tags = $1 and c.step_no = 1`
const nearDeadlineSql = `
  update tasker.due d set run_at = clock_timestamp() + $2 * interval '1 millisecond'
  from tasker.tasks t
  where t.tags = $1 and d.task_id = t.task_id and d.step_no = -1`

const nameOf = ({ id, variant, call, place, moment }: Case): string =>
  `${id}: ${variant}, ${moment} ${call} at ${place}`

/** A worker that serves all of them finds what the dead have left. */
async function finishAll(stage: ChaosStage, cases: readonly Case[]): Promise<void> {
  const worker = stage.startWorker({
    name: 'finisher',
    cast: 'diamonds',
    options: { ...options, execution: { maxConcurrentStepsLimit: 8 } },
    castOptions: {
      cases: cases.map(({ id, variant }) => ({ id, variant })),
      crash: null,
      held: [],
      holdMs: null,
    },
  })
  await worker.ready()
  await untilDone(stage)
}

interface End {
  readonly id: string
  readonly task: string
  readonly annotations: number
  readonly steps: readonly unknown[]
  readonly unseen: number
}

async function compare(stage: ChaosStage, cases: readonly Case[]): Promise<void> {
  const rows = (await stage.ask(endsSql)) as unknown as readonly End[] // the columns of endsSql
  const ends = new Map(rows.map(({ id, ...end }) => [id, end]))
  for (const one of cases) {
    const expected = ends.get(reference(one.variant))
    const end = ends.get(one.id)
    // A deadline finds its steps wherever they are; only that the task ends is the same.
    if (one.variant === 'deadline') stage.expect(nameOf(one), end?.task, expected?.task)
    else stage.expect(nameOf(one), end, expected)
  }
}

const endsSql = `
  select t.tags[1] as id, t.state as task,
    (select count(*)::integer from tasker.task_annotations a where a.task_id = t.task_id) as annotations,
    coalesce(sum((l.runs = 0)::integer) filter (where s.state = 'complete'), 0)::integer as unseen,
    json_agg(json_build_object(
      'name', g.name, 'state', s.state, 'attempts', s.attempts, 'waits', s.waits,
      'result', r.result, 'completions', h.completions, 'bookings', b.bookings) order by s.step_no
    ) as steps
  from tasker.tasks t
  join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no > 0
  join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
  left join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
  cross join lateral (
    select count(*) as runs from chaos.ledger l where l.task_id = t.task_id and l.step = g.name
  ) l
  cross join lateral (
    select count(*) as completions from tasker.workflow_step_transitions h
    where h.task_id = s.task_id and h.step_no = s.step_no
      and h.from_state = 'in_progress' and h.to_state = 'complete'
  ) h
  cross join lateral (
    select count(*) as bookings from chaos.bookings b where b.task_id = t.task_id and b.step = g.name
  ) b
  where t.tags <> '{}'
  group by t.task_id, t.tags, t.state`
