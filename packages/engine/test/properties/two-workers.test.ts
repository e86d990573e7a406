// Two workers and an operator on real connections, whose calls meet: one is held before its commit while another goes on or waits.
// Whatever they send, at whatever age, the answers are those that the model allows, and after each the tables are what it says.
// TASKER_SEED=<number> repeats a run, TASKER_RUNS=<number> makes more of them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countOf, labsOfFile } from '../protocol/lab.ts'
import { runs } from './runs.ts'
import { Bench } from './two-workers/bench.ts'
import { operatorCall, pass, tasks, workerCall } from './two-workers/plan.ts'
import { runToEnd } from './two-workers/to-end.ts'
import { Pass, Turn, type ActorCall, type Seen } from './two-workers/turn.ts'

const openLab = labsOfFile()
const usualRuns = 40

const byOne: fc.Arbitrary<ActorCall> = workerCall.map((call) => ({ actor: 'one', call }))
const byTwo: fc.Arbitrary<ActorCall> = workerCall.map((call) => ({ actor: 'two', call }))
const byOperator: fc.Arbitrary<ActorCall> = operatorCall.map((call) => ({
  actor: 'operator',
  call,
}))
const pairs: readonly fc.Arbitrary<readonly ActorCall[]>[] = [
  fc.tuple(byOne, byTwo),
  fc.tuple(byTwo, byOne),
  fc.tuple(byOne, byTwo),
  fc.tuple(byOne, byOperator),
  fc.tuple(byOperator, byTwo),
]

test(
  'whatever two workers and an operator do at once, answers and tables are those of the model',
  { timeout: 600_000 },
  async () => {
    const lab = await openLab({ alone: true })
    const connections = {
      one: await lab.connect(),
      two: await lab.connect(),
      operator: await lab.connect(),
    }
    const seen: Seen = new Map()
    const turn = (calls: readonly ActorCall[]): Turn => new Turn(calls, seen)
    const commands = fc.commands(
      [
        byOne.map((call) => turn([call])),
        byTwo.map((call) => turn([call])),
        byOperator.map((call) => turn([call])),
        ...pairs.map((pair) => pair.map(turn)),
        pass.map((drawn) => new Pass(drawn)),
      ],
      { maxCommands: 40, size: 'max' },
    )
    const { numRuns, seed } = runs(usualRuns)
    const property = fc.asyncProperty(tasks, commands, async (drawn, drawnCommands) => {
      const bench = await Bench.open(lab, connections, drawn)
      try {
        await fc.asyncModelRun(async () => ({ model: {}, real: { bench } }), drawnCommands)
        await runToEnd(bench)
      } finally {
        for (const on of Object.values(connections)) await on.query('rollback')
      }
    })
    await fc.assert(property, { numRuns, seed })
    const met = [...seen.keys()].filter((what) => what.endsWith('waited'))
    expect(met.length > 0 || numRuns < usualRuns, 'calls waited for one another').toBe(true)
    expect(await countOf(lab, deadlocks)).toBe(0)
  },
)

const deadlocks = 'select deadlocks from pg_stat_database where datname = current_database()'
