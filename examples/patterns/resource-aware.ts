// A resource-aware step: it looks at the machine first, and asks to wait when there is no room. To wait is no failure: no
// attempt is spent and no slot is held, and `tasker task why` says what it waits for.
import { freemem, loadavg, totalmem } from 'node:os'
import {
  defineTask,
  StepHandler,
  type HandledTask,
  type Json,
  type WaitOutcome,
} from '@tasker/engine'
import { runAlone } from './run-alone.ts'

export interface Load {
  /** Of the processors, over a minute. */
  readonly processorShare: number
  readonly memoryShare: number
}

/** Of this machine. */
export function loadOfMachine(): Load {
  const [minute = 0] = loadavg()
  return {
    processorShare: minute / navigator.hardwareConcurrency,
    memoryShare: 1 - freemem() / totalmem(),
  }
}

/** Implement `work`, and say where the load comes from and how long to wait. */
export abstract class ResourceAware<Result extends Json> extends StepHandler<Result> {
  protected abstract readonly load: () => Load
  protected readonly waitMs: number = 30_000
  protected readonly shareMax: number = 0.9

  protected abstract work(task: HandledTask): Promise<Result>

  override async process(task: HandledTask): Promise<Result | WaitOutcome> {
    const { processorShare, memoryShare } = this.load()
    if (Math.max(processorShare, memoryShare) <= this.shareMax) return this.work(task)
    const percent = (share: number): string => `${Math.round(share * 100)} %`
    const used = `processors ${percent(processorShare)}, memory ${percent(memoryShare)}`
    return this.execution.waitUntil(new Date(Date.now() + this.waitMs), `no room: ${used}`)
  }
}

export const renderingOn = (load: () => Load) =>
  defineTask({ namespace: 'patterns', name: 'rendering' }).step(
    'render',
    {},
    class Render extends ResourceAware<{ readonly frames: number }> {
      protected override readonly load = load
      protected override readonly waitMs = 100

      protected override async work() {
        return { frames: 24 }
      }
    },
  )

const loads: Load[] = [{ processorShare: 0.97, memoryShare: 0.5 }]
const rendering = renderingOn(() => loads.shift() ?? { processorShare: 0.2, memoryShare: 0.5 })

await runAlone(import.meta, { definitions: [rendering] }, async (tasker) => {
  const { taskId } = await tasker.tasks.create(rendering, { context: {} })
  const { state, steps } = await tasker.tasks.waitFor(taskId)
  const history = await tasker.tasks.history(taskId)
  const waited = history.find(({ from, to }) => from === 'in_progress' && to === 'pending')
  console.log(waited?.reason) // prints: no room: processors 97 %, memory 50 %
  console.log(state, 'at attempt', steps[0]?.attempts) // prints: complete at attempt 1
})
