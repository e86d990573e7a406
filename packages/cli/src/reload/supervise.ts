// `tasker dev` while code is written: a process runs the steps, and when a file that it loaded changes, another one with
// the new code takes its place. The new one loads and checks everything first; the old one stops claiming only then, ends
// what it runs and hands back the rest, so no step is lost and no attempt spent. Code that cannot be loaded changes nothing.
import { relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { count, plainText } from '@tasker/engine'
import { FailureElsewhere, type ExitCode } from '../failure.ts'
import { formatFailure } from '../format-failure.ts'
import { listenForStop } from '../stop-signals.ts'
import type { Terminal } from '../terminal.ts'
import { nextChange, stampAll, type Stamps } from './file-stamps.ts'
import { startRunner, type Ended, type RunnerProcess } from './runner-process.ts'

/** An old process that cannot even say that it stops claiming is blocked by a handler, and is ended. */
const drainAnswerMs = 10_000

export async function supervise(terminal: Terminal): Promise<ExitCode> {
  const runners = new Set<RunnerProcess>()
  const killAll = (): void => runners.forEach((runner) => runner.kill())
  const stop = listenForStop(() => runners.forEach((runner) => runner.send({ kind: 'stop' })))
  process.on('exit', killAll) // at the second signal
  const launch: Launch = (generation) => {
    const runner = startRunner(generation, { isJson: terminal.isJson })
    runners.add(runner)
    void runner.ended.then(() => runners.delete(runner))
    return runner
  }
  const stopped = stop.untilRequested().then(() => ({ kind: 'stopped' }) as const)
  try {
    const exitCode = await reloading({ terminal, stop: stop.requested, stopped, launch })
    await Promise.all([...runners].map(async ({ ended }) => ended))
    return exitCode
  } finally {
    killAll()
    process.off('exit', killAll)
    stop.dispose()
  }
}

type Launch = (generation: number) => RunnerProcess

interface Supervision {
  readonly terminal: Terminal
  readonly stop: AbortSignal
  readonly stopped: Promise<{ readonly kind: 'stopped' }>
  readonly launch: Launch
}

/** What runs, null when it ended by itself; and the files that its code, or the code that failed since, came from. */
interface Running {
  readonly active: RunnerProcess | null
  readonly files: Stamps
}

async function reloading(supervision: Supervision): Promise<ExitCode> {
  const first = supervision.launch(1)
  const begun = await first.prepared
  if (begun.kind === 'failed') throw new FailureElsewhere(begun.failure)
  if (begun.kind === 'ended') return begun.exitCode
  first.send({ kind: 'start' })
  let running: Running = { active: first, files: begun.files }
  for (let generation = 2; ; generation += 1) {
    const { active, files } = running
    const happened = await nextEvent(supervision, running)
    switch (happened.kind) {
      case 'stopped':
        return active === null ? 1 : (await active.ended).exitCode
      case 'ended':
        if (supervision.stop.aborted || active?.isServing() === false) return happened.exitCode
        supervision.terminal.log(`${sentence(happened)} A saved file starts it again.`)
        running = { active: null, files }
        break
      case 'changed':
        running = await reload(supervision, { ...running, ...happened, generation })
        break
      default:
        return happened satisfies never
    }
  }
}

interface Change {
  readonly kind: 'changed'
  readonly paths: readonly string[]
}

async function nextEvent(
  { stopped }: Supervision,
  { active, files }: Running,
): Promise<Change | Ended | { readonly kind: 'stopped' }> {
  const over = new AbortController()
  const changed = nextChange(files, over.signal)
  try {
    return await Promise.race([
      stopped,
      ...(active === null ? [] : [active.ended]),
      changed.then((paths): Change => ({ kind: 'changed', paths })),
    ])
  } finally {
    over.abort()
  }
}

async function reload(
  supervision: Supervision,
  { active, files, paths, generation }: Running & Change & { readonly generation: number },
): Promise<Running> {
  const { terminal } = supervision
  const next = supervision.launch(generation)
  const seen = stampAll(Object.keys(files)) // before the new process reads them
  const outcome = await preparation(supervision, next, seen)
  const what = `a change of ${listed(paths)}`
  switch (outcome.kind) {
    case 'stopped':
    case 'overtaken':
      next.kill() // nothing runs in it
      return { active, files: seen }
    case 'failed':
    case 'ended': {
      const isTold = outcome.kind === 'failed'
      const problem = isTold ? await formatFailure(outcome.failure, terminal) : sentence(outcome)
      say(active, terminal, `Not reloaded after ${what}.\n${problem}\n${whatRuns(active)}`)
      return { active, files: isTold ? { ...seen, ...outcome.files } : seen }
    }
    case 'prepared': {
      if (active !== null) await drain(active, terminal)
      next.send({ kind: 'start' })
      const served = count(outcome.definitionCount, 'definition')
      terminal.log(`Reloaded after ${what}: the new code serves ${served}.`)
      return { active: next, files: outcome.files }
    }
    default:
      return outcome satisfies never
  }
}

type Preparation = Awaited<RunnerProcess['prepared']> | { readonly kind: 'stopped' | 'overtaken' }

/** Overtaken: a file changed while it was being loaded. */
async function preparation(
  { stopped }: Supervision,
  next: RunnerProcess,
  seen: Stamps,
): Promise<Preparation> {
  const over = new AbortController()
  const overtaken = nextChange(seen, over.signal)
  try {
    return await Promise.race([
      next.prepared,
      stopped,
      overtaken.then((): Preparation => ({ kind: 'overtaken' })),
    ])
  } finally {
    over.abort()
  }
}

async function drain(old: RunnerProcess, terminal: Terminal): Promise<void> {
  old.send({ kind: 'drain' })
  const patience = new AbortController()
  const answered = await Promise.race([
    old.drained.then(() => true),
    pause(drainAnswerMs, false, { signal: patience.signal }).catch(() => false),
  ])
  patience.abort()
  if (answered) return
  old.kill()
  terminal.log(
    'The old code did not answer: a handler keeps its process from doing anything else. It was ended; its steps are taken over when its lease is over, and no attempt is spent.',
  )
}

/** While the first process draws a table, it alone may write. */
function say(active: RunnerProcess | null, terminal: Terminal, text: string): void {
  if (terminal.isLive && active?.generation === 1) active.send({ kind: 'say', text })
  else terminal.log(text)
}

const whatRuns = (active: RunnerProcess | null): string =>
  active === null
    ? 'Nothing runs; the next save tries again.'
    : 'The code of before goes on running; the next save tries again.'

const sentence = ({ how }: Ended): string => `The process that runs the steps ended with ${how}.`

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => plainText(relative(process.cwd(), path)))
  const rest = paths.length - shown.length
  return [...shown, ...(rest === 0 ? [] : [count(rest, 'other file')])].join(', ')
}
