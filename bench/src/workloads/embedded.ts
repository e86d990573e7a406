// `linear` on the embedded server and on one from the machine's own PostgreSQL, with the same settings. Both are started for
// it, whatever server everything else is measured on.
import { figuresOf } from '../figures.ts'
import { runTasker } from '../run-tasker.ts'
import { startInstalledServer, startServer, type BenchServer } from '../server.ts'
import { judge, ratios } from '../verdict.ts'
import { sized, type Part, type Workload } from '../workload.ts'

export const embedded: Workload = {
  name: 'embedded',
  what: '2,000 tasks of five steps on the embedded server, and on the PostgreSQL that is installed here',
  target: 'At least 0.9 × the steps/s of a server on the same machine.',
  async run(stage) {
    const servers: Readonly<Record<string, () => Promise<BenchServer | null>>> = {
      embedded: () => startServer(null),
      installed: () => startInstalledServer(),
    }
    const parts: Part[] = []
    for (const [name, start] of Object.entries(servers)) {
      const server = await start()
      if (server === null) {
        stage.note(
          'embedded: no PostgreSQL is installed here to compare with; that part is left out',
        )
        continue
      }
      try {
        if (name === 'installed') stage.note(`embedded: installed is PostgreSQL ${server.version}`)
        const taskCount = sized(stage, 2_000)
        const run = await server.withDatabase((databaseUrl) =>
          runTasker(
            databaseUrl,
            { graph: 'linear', size: 0, taskCount, manner: 'together' },
            { slots: stage.slots, workers: stage.workers ?? 1 },
          ),
        )
        parts.push({ name, figures: figuresOf(run) })
      } finally {
        await server.stop()
      }
    }
    return parts
  },
  judge: (runs) => [
    judge(
      'steps/s of embedded ÷ installed, at least 0.9',
      ratios(runs, 'stepsPerSecond', 'embedded', 'installed'),
      { atLeast: 0.9 },
    ),
  ],
}
