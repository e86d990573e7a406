// One subject in a process of its own, so that its memory, its processor time and its libraries are nobody else's: opens it,
// warms it up, waits for the word, does the work once and tells how it went. Started by run-subject.ts.
import { isSubjectName, loadSubject } from './subjects/index.ts'
import { stepsPerTask, type OpenSubject } from './subject.ts'
import type { ProcessReport, Work, WorkOrder } from './work.ts'

/** Of each shape, before anything is measured: plans are made, connections opened, functions compiled. */
const warmUpTasks = 20

const order = JSON.parse(process.argv[2] ?? '{}') as WorkOrder // as run-subject.ts wrote it
if (!isSubjectName(order.subject)) throw new Error(`no subject is named ${order.subject}`)
const chosen = await loadSubject(order.subject)
let ranCount = 0
let ranAtMs: number[] = []
const subject = await chosen.open({
  ...order,
  ran: () => {
    ranCount += 1
    if (order.work.kind === 'latency') ranAtMs.push(performance.now())
  },
})
if (order.isAssistant) await assist()
else await measure()

async function measure(): Promise<void> {
  await subject.run(order.work.shape, order.work.kind === 'latency' ? 1 : warmUpTasks)
  tell({ kind: 'ready' })
  await told('go')
  ranCount = 0
  ranAtMs = []
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const latencies = await work(order.work, subject)
  const tookMs = performance.now() - startedMs
  const cpu = process.cpuUsage(cpuBefore)
  tell({
    kind: 'done',
    tookMs,
    ranCount,
    cpuMs: (cpu.user + cpu.system) / 1000,
    maxMemoryBytes: process.resourceUsage().maxRSS * 1024,
    ...latencies,
  })
  await subject.close()
  process.disconnect()
}

/** Only works on what the other process creates, until that has ended. */
async function assist(): Promise<void> {
  tell({ kind: 'ready' })
  await told('end')
  await subject.close()
  process.disconnect()
}

async function work(
  { kind, shape, taskCount }: Work,
  opened: OpenSubject,
): Promise<Pick<ProcessReport, 'hopsMs' | 'taskMs'>> {
  if (kind === 'throughput') {
    await opened.run(shape, taskCount)
    return { hopsMs: [], taskMs: [] }
  }
  const taskMs: number[] = []
  for (let index = 0; index < taskCount; index += 1) {
    const startedMs = performance.now()
    await opened.run(shape, 1)
    taskMs.push(performance.now() - startedMs)
  }
  return { hopsMs: hopsOf(ranAtMs, stepsPerTask[shape]), taskMs }
}

/** From one handler's call to the next of its task: they do nothing, so that is from an end to a start. */
function hopsOf(atMs: readonly number[], steps: number): readonly number[] {
  return atMs.flatMap((ms, index) => {
    const before = atMs[index - 1]
    return index % steps === 0 || before === undefined ? [] : [ms - before]
  })
}

function tell(message: ProcessReport | { readonly kind: 'ready' }): void {
  process.send?.(message)
}

function told(word: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  process.on('message', (message) => {
    if (message === word) resolve()
  })
  return promise
}
