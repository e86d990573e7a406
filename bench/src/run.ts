// Tasker alone: every workload, with what a step costs. `npm run bench -- --help` says what can be asked for.
import { parseArgs } from 'node:util'
import { figuresOf, type Figures } from './figures.ts'
import { runSubject } from './run-subject.ts'
import { startServer } from './server.ts'
import type { Work } from './work.ts'

const workloads: Readonly<Record<string, Work>> = {
  linear: { kind: 'throughput', shape: 'linear', taskCount: 2_000 },
  diamond: { kind: 'throughput', shape: 'diamond', taskCount: 2_000 },
  'fan-out': { kind: 'throughput', shape: 'fan-out', taskCount: 50 },
  latency: { kind: 'latency', shape: 'linear', taskCount: 200 },
  backlog: { kind: 'throughput', shape: 'one-step', taskCount: 50_000 },
}

const { values } = parseArgs({
  options: {
    workload: { type: 'string', multiple: true, default: Object.keys(workloads) },
    slots: { type: 'string', default: '400' },
    runs: { type: 'string', default: '3' },
    database: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

const server = await startServer(values.database ?? null)
try {
  for (const name of values.workload) {
    const work = workloads[name]
    if (work === undefined) {
      throw new Error(`no workload is named ${name}: ${Object.keys(workloads).join(', ')}`)
    }
    const figures: Figures[] = []
    for (let run = 0; run < Number(values.runs); run += 1) {
      const options = { slots: Number(values.slots), redisUrl: null }
      figures.push(figuresOf(await runSubject(server, 'tasker', work, options)))
    }
    console.log(name)
    console.table(figures)
  }
} finally {
  await server.stop()
}
