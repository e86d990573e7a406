// `linear` in a database that already holds finished tasks, and in one where steps that cannot run stand in front: what is
// kept must not cost those that run. A thousand finished tasks are what the others are compared with.
import { figuresOf } from '../figures.ts'
import { openFiller } from '../retained-rows.ts'
import { runTasker } from '../run-tasker.ts'
import { judge, ratios } from '../verdict.ts'
import { sized, type Part, type Stage, type Workload } from '../workload.ts'

const keptCounts = [1_000, 10_000, 100_000]
const keptCountFull = 1_000_000
const inFrontCount = 100_000

const keptName = (count: number): string => `${count.toLocaleString('en')} kept`
const inFrontName = `${inFrontCount.toLocaleString('en')} in front`

export const retained: Workload = {
  name: 'retained',
  what:
    '2,000 tasks of five steps beside finished tasks that are kept; and behind 100,000 steps each that wait for their ' +
    'parents, are due tomorrow, or are served by nobody, of the best priority',
  target: 'Steps/s flat (± 20 %).',
  async run(stage) {
    return [...(await besideKept(stage)), await behindOthers(stage)]
  },
  judge: (runs) =>
    [...[...keptCounts.slice(1), keptCountFull].map(keptName), inFrontName].flatMap((name) => {
      const found = ratios(runs, 'stepsPerSecond', name, keptName(keptCounts[0] ?? 0))
      if (found.every((ratio) => ratio === null)) return [] // the largest is not always asked for
      const says = `steps/s with ${name} ÷ with 1,000 kept, 0.8 to 1.2`
      return [judge(says, found, { atLeast: 0.8, atMost: 1.2 })]
    }),
}

/** One database that grows, so that the small ones are not filled again. */
function besideKept(stage: Stage): Promise<readonly Part[]> {
  return stage.server.withDatabase(async (databaseUrl) => {
    const filler = await openFiller(databaseUrl)
    try {
      const parts: Part[] = []
      for (const count of stage.isFull ? [...keptCounts, keptCountFull] : keptCounts) {
        await filler.keepFinished(sized(stage, count))
        parts.push({ name: keptName(count), figures: await measureLinear(stage, databaseUrl) })
      }
      return parts
    } finally {
      await filler.close()
    }
  })
}

function behindOthers(stage: Stage): Promise<Part> {
  return stage.server.withDatabase(async (databaseUrl) => {
    const filler = await openFiller(databaseUrl)
    try {
      await filler.putInFront(sized(stage, inFrontCount))
      return { name: inFrontName, figures: await measureLinear(stage, databaseUrl) }
    } finally {
      await filler.close()
    }
  })
}

async function measureLinear(stage: Stage, databaseUrl: string): Promise<Part['figures']> {
  const taskCount = sized(stage, 2_000)
  const work = { graph: 'linear', size: 0, taskCount, manner: 'together' } as const
  const options = { slots: stage.slots, workers: stage.workers ?? 1 }
  return figuresOf(await runTasker(databaseUrl, work, options))
}
