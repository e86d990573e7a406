// One subject in a process of its own, so that its memory, its processor time and its libraries are nobody else's: opens it,
// warms it up, waits for the word, does the work once and tells how it went. Started by run-subject.ts.
import { isAbsolute } from 'node:path'
import { measured, tell, belongToBenchmark, told } from './measured-process.ts'
import { isSubjectName, loadSubject } from './subjects/index.ts'
import { stepsPerTask, type OpenSubject, type Subject } from './subject.ts'
import type { Work, WorkOrder } from './work.ts'

/**
 * Together, or of `latency` one after the other, before anything is measured: plans are made, connections opened, functions
 * compiled.
 */
const warmUpTasks = 20 // or as many as are measured, when those are fewer

belongToBenchmark()
const order = JSON.parse(process.argv[2] ?? '{}') as WorkOrder // as run-subject.ts wrote it
const go = told('go')
const chosen = await load(order.subject)
let ranCount = 0
/** Task and step: fewer than calls when one ran twice. */
let ranSteps = new Set<string>()
let ranAtMs: number[] = []
let taskMs: number[] = []
const subject = await chosen.open({
  ...order,
  ran: (task, step) => {
    ranCount += 1
    ranSteps.add(`${task}/${step}`)
    if (order.work.kind === 'latency') ranAtMs.push(performance.now())
  },
})
await work({ ...order.work, taskCount: Math.min(warmUpTasks, order.work.taskCount) }, subject)
const { name, configuration, keeps } = chosen
tell({ kind: 'ready', about: { name, configuration, keeps } })
await go
ranCount = 0
ranSteps = new Set()
ranAtMs = []
taskMs = []
const cost = await measured(() => work(order.work, subject))
const hopsMs = order.work.kind === 'latency' ? hopsOf(ranAtMs, stepsPerTask[order.work.shape]) : []
tell({ kind: 'done', ranCount, distinctCount: ranSteps.size, hopsMs, taskMs, ...cost })
await subject.close()
process.disconnect()

/** By its name; or, from a file that a test has written, what it exports as `subject`. */
async function load(asked: string): Promise<Subject> {
  if (isSubjectName(asked)) return loadSubject(asked)
  if (!isAbsolute(asked)) throw new Error(`no subject is named ${asked}`)
  return ((await import(asked)) as { readonly subject: Subject }).subject // the file says so
}

async function work({ kind, shape, taskCount }: Work, opened: OpenSubject): Promise<void> {
  if (kind === 'throughput') return opened.run(shape, taskCount)
  for (let index = 0; index < taskCount; index += 1) {
    const startedMs = performance.now()
    await opened.run(shape, 1)
    taskMs.push(performance.now() - startedMs)
  }
}

/** From one handler's call to the next of its task: they do nothing, so that is from an end to a start. */
function hopsOf(atMs: readonly number[], steps: number): readonly number[] {
  return atMs.flatMap((ms, index) => {
    const before = atMs[index - 1]
    return index % steps === 0 || before === undefined ? [] : [ms - before]
  })
}
