// Handlers that return, throw, hang, block and exit, among good tasks, in three worker processes that somebody starts again
// whenever one ends. Only the steps that do it suffer; their neighbours are as if nothing had been.
import { isDeepStrictEqual } from 'node:util'
import { TaskerError, type JsonObject, type Tasker } from '@tasker/engine'
import { definitionsWith } from '../casts/poison.ts'
import { aftermaths, deeds, endOf, exits, odd, unstorable } from '../poisons.ts'
import type { Scenario } from '../scenario.ts'
import type { ChaosStage } from '../stage.ts'
import { Supervisor } from '../supervisor.ts'

const workerCount = 3
/** Of a step that ends its process; two losses make it a suspect, so the last ones are its alone. */
const workerLostLimit = { short: 3, full: 5 }

export const scenario: Scenario = {
  name: 'poison',
  endsWith:
    'only the steps that harm suffer; no neighbour spends an attempt, no deadlock, no repair',
  async run(stage) {
    const goodCount = stage.isShort ? 200 : 500
    const kinds = stage.isShort ? shortKinds(stage) : allKinds
    const limit = stage.isShort ? workerLostLimit.short : workerLostLimit.full
    const supervisor = startWorkers(stage, limit)
    const tasker = await stage.createTasker(definitionsToCreate)
    try {
      await checkContexts(stage, tasker)
      await createAll(stage, tasker, { kinds, goodCount })
    } finally {
      await tasker.close()
    }
    await stage.untilAllEnded(stage.isShort ? 120_000 : 600_000)
    await checkSurvivor(stage)
    const { ends } = supervisor
    await supervisor.end()
    await checkWell(stage, limit)
    await checkIll(stage, [...kinds, ...survived])
    return {
      faults: { 'poisoned step': kinds.length + survived.length, 'process end': ends },
      tasks: goodCount + kinds.length + survived.length,
      figures: {
        'contexts that were refused': Object.keys(unstorable).length,
        'losses of neighbours': await stage.count(`select coalesce(sum(s.losses), 0) ${wellSteps}`),
      },
    }
  },
}

const survived = Object.keys(aftermaths)
const allKinds = [unstorable, odd, deeds, exits, aftermaths].flatMap((some) => Object.keys(some))

/** Every kind but those that end the process, which cost a lease or more each: of these, some. */
function shortKinds(stage: ChaosStage): readonly string[] {
  const { random } = stage
  const costly = [...Object.keys(exits), ...survived]
  const some = new Set([random.pick(costly), 'forgets a promise that rejects', 'exits'])
  return allKinds.filter((kind) => !costly.includes(kind) || some.has(kind))
}

function startWorkers(stage: ChaosStage, limit: number): Supervisor {
  const supervisor = new Supervisor(stage)
  const options = { execution: { workerLostLimit: limit } }
  for (let no = 1; no <= workerCount; no += 1)
    supervisor.start({ name: `w${no}`, cast: 'poison', options })
  // The only one that serves chaos/survived, so what it does there would end any other.
  const castOptions = { survives: true }
  supervisor.start({ name: 'survivor', cast: 'poison', options, castOptions })
  return supervisor
}

/** A process that listens for stray errors has met both kinds, and lives. */
async function checkSurvivor(stage: ChaosStage): Promise<void> {
  const [survivor, ...replaced] = stage.processes.filter(({ name }) => name === 'survivor')
  for (const event of ['unhandledRejection', 'uncaughtException'])
    await stage.until(`the survivor meets ${event}`, () => (survivor?.countSaid(event) ?? 0) > 0)
  stage.expect('survivors that had to be started again', replaced.length, 0)
}

const nothing = async (): Promise<null> => null
const definitionsToCreate = [
  ...definitionsWith(nothing, nothing),
  ...definitionsWith(nothing, nothing, 'survived').slice(1),
]

/** What cannot be stored is refused in our own words, and leaves nothing behind. */
async function checkContexts(stage: ChaosStage, tasker: Tasker): Promise<void> {
  for (const [kind, make] of Object.entries(unstorable)) {
    const context = make() as JsonObject // it is not, which is the point
    try {
      await tasker.tasks.create('chaos/poisoned', { context })
      stage.fault(`a context of the kind "${kind}" was taken`)
    } catch (error) {
      const isOurs = error instanceof TaskerError && error.code === 'CONTEXT_INVALID'
      if (!isOurs) stage.fault(`a context of the kind "${kind}" was refused by ${textOf(error)}`)
      else if (error.message.length > messageMax)
        stage.fault(
          `a context of the kind "${kind}": a message of ${error.message.length} characters`,
        )
    }
  }
  stage.expect(
    'tasks of refused contexts',
    await stage.count('select count(*) from tasker.tasks'),
    0,
  )
  for (const [kind, make] of Object.entries(odd)) {
    const context = make() as JsonObject
    await tasker.tasks.create('chaos/poisoned', { context, tags: [`context: ${kind}`] })
  }
  stage.expect('what every object has', 'polluted' in {}, false)
}

const messageMax = 5_000

function textOf(error: unknown): string {
  try {
    return String(error).slice(0, 200)
  } catch {
    return 'an error that cannot be read'
  }
}

/** The bad among the good, in an order drawn. */
async function createAll(
  stage: ChaosStage,
  tasker: Tasker,
  { kinds, goodCount }: { readonly kinds: readonly string[]; readonly goodCount: number },
): Promise<void> {
  const requestOf = (definition: string) => (kind: string) => ({
    definition,
    context: { kind },
    tags: [kind],
  })
  const requests = [
    ...kinds.map(requestOf('chaos/poisoned')),
    ...survived.map(requestOf('chaos/survived')),
    ...Array.from({ length: goodCount }, () => requestOf('chaos/good')('good')),
  ]
    .map((request) => ({ request, at: stage.random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ request }) => request)
  const batchMax = 50
  for (let start = 0; start < requests.length; start += batchMax)
    await tasker.tasks.createMany(requests.slice(start, start + batchMax))
}

/** Every step that does no harm itself and waits for none that does. */
const wellSteps = `
  from tasker.workflow_steps s
  join tasker.tasks t using (task_id)
  join tasker.graph_steps g on g.graph_id = t.graph_id and g.step_no = s.step_no
  where g.name in ('first', 'second', 'before', 'beside', 'after_beside')`

async function checkWell(stage: ChaosStage, limit: number): Promise<void> {
  const rows = await stage.ask(
    `select g.name, s.state, s.attempts, s.losses >= $1 as is_given_up, count(*)::integer as count
     ${wellSteps} and (s.state <> 'complete' or s.attempts <> 1 or s.losses >= $1)
     group by g.name, s.state, s.attempts, s.losses >= $1`,
    [limit],
  )
  stage.expect('steps that did no harm and suffered', rows, [])
}

/** Each poisoned step as its kind says; what stands behind it runs where it is complete, and waits for ever where not. */
async function checkIll(stage: ChaosStage, kinds: readonly string[]): Promise<void> {
  const rows = await stage.ask(illSql)
  const contexts = rows.filter(({ tag }) => String(tag).startsWith('context: '))
  for (const { tag, state, result } of contexts) {
    const kind = String(tag).slice('context: '.length)
    if (state !== 'complete' || !isDeepStrictEqual(result, storedFormOf(odd[kind]?.())))
      stage.fault(`a context of the kind "${kind}" came back otherwise, ${String(state)}`)
  }
  const ill = rows.filter((row) => !contexts.includes(row))
  stage.expect('poisoned tasks', ill.length, kinds.length)
  for (const { tag, state, attempts, says, after } of ill) {
    const end = endOf(String(tag))
    const expected = { ...end, after: end.state === 'complete' ? 'complete' : 'pending' }
    stage.expect(`"${String(tag)}"`, { state, says, attempts, after }, expected)
  }
}

const storedFormOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const illSql = `
  select t.tags[1] as tag, s.state, s.attempts, a.state as after, r.result,
    case when s.state = 'error' then (
      select case when h.reason = 'worker_lost' then h.reason
        else coalesce(h.metadata -> 'error' ->> 'code', h.metadata -> 'error' ->> 'class') end
      from tasker.workflow_step_transitions h
      where h.task_id = s.task_id and h.step_no = s.step_no and h.to_state = 'error'
        and h.reason <> 'outcome_refused'
      order by h.seq desc limit 1) end as says
  from tasker.tasks t
  join tasker.graph_steps g on g.graph_id = t.graph_id and g.name = 'bad'
  join tasker.workflow_steps s on s.task_id = t.task_id and s.step_no = g.step_no
  join tasker.graph_steps n on n.graph_id = t.graph_id and n.name = 'after'
  join tasker.workflow_steps a on a.task_id = t.task_id and a.step_no = n.step_no
  left join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no`
