// Checks of workers and of work that does not progress. Pure: readings in, findings out.
import {
  countMax,
  type LateLane,
  type StuckWork,
  type WorkersReading,
} from '../../database/inspect-work.ts'
import type { SlotsReason } from '../../database/workers.ts'
import { count, formatDuration, shellWord } from '../../wording.ts'
import { findingsOf, someOf, type Finding } from './finding.ts'

export function checkWorkers(workers: WorkersReading, ownVersion: string): readonly Finding[] {
  const { ok, warning } = findingsOf('workers')
  const { live, overdue, lost, versions } = workers
  const other = versions.filter((version) => version !== ownVersion)
  const found = [
    ...(overdue === 0
      ? []
      : [
          warning(
            `${count(overdue, 'worker')} did not renew the lease; nobody has taken the steps over yet.`,
            live === 0
              ? 'Start a worker: it takes them over after one lease.'
              : 'Look again in half a minute; if it stays so, look at the logs of the live workers.',
          ),
        ]),
    ...(lost === 0
      ? []
      : [
          warning(
            `${count(lost, 'worker')} died or lost the database within the last day.`,
            'Look at the logs of these processes: memory, a blocked event loop, the network. `tasker task list --state error` shows what suffered.',
          ),
        ]),
    ...(other.length === 0
      ? []
      : [
          warning(
            `Live workers run ${someOf(versions)}; this is ${ownVersion}.`,
            'Finish the roll-out: all workers of one database should run one version.',
          ),
        ]),
    ...heldBack(workers),
  ]
  if (found.length > 0) return found
  const { slotsInUse, slots } = workers
  const seen = `${count(live, 'worker')} live; ${slotsInUse} of ${slots} slots in use.`
  return [ok(live === 0 ? 'No worker is live.' : seen)]
}

function heldBack(workers: WorkersReading): readonly Finding[] {
  const { warning } = findingsOf('workers')
  const byReason = Map.groupBy(workers.heldBack, ({ reason }) => reason)
  return [...byReason].map(([reason, those]) => {
    const { why, remedy } = holdingBack[reason]
    const named = those.map(
      ({ workerId, slots, slotsMax }) => `worker ${workerId} (${slots} of ${slotsMax} slots)`,
    )
    return warning(`Held back, because ${why}: ${someOf(named)}.`, remedy)
  })
}

const holdingBack: Readonly<
  Record<SlotsReason, { readonly why: string; readonly remedy: string }>
> = {
  connections: {
    why: 'too many of its connections are in use',
    remedy:
      'Raise database.transactionPoolSize where steps with `transaction: true` wait, or start more workers.',
  },
  event_loop: {
    why: 'its event loop comes late',
    remedy:
      'Move work that computes for long out of the handlers (worker threads, other processes), or start more workers; the log names handlers that block.',
  },
  commit_latency: {
    why: 'recording takes much longer than it did',
    remedy:
      'Look at what loads the database: its disk, locks, open transactions, other applications.',
  },
  open_work: {
    why: 'the formula of the first generation counts much open work',
    remedy: "Set execution.concurrencyPolicy to 'adaptive'.",
  },
}

export function checkStuckWork(work: StuckWork, workers: WorkersReading): readonly Finding[] {
  const { ok, warning, problem } = findingsOf('work')
  const found: Finding[] = []
  if (workers.live === 0 && work.openTaskCount > 0)
    found.push(
      problem(
        `${count(work.openTaskCount, 'task', countMax)} to do, and no worker is live.`,
        'Start one: `tasker worker`, or `tasker.worker.start()` in your process.',
      ),
    )
  else found.push(...unserved(work.late))
  const late = work.late.filter(({ isServed, isOfSuspects }) => isServed && !isOfSuspects)
  if (late.length > 0)
    found.push(
      warning(
        `Due and not claimed: ${someOf(late.map(laneText))}.`,
        'The workers are full or slow: start more, or raise execution.maxConcurrentStepsLimit; `tasker task why <id>` tells more of one task.',
      ),
    )
  const suspects = work.late.filter(({ isServed, isOfSuspects }) => isServed && isOfSuspects)
  if (suspects.length > 0)
    found.push(
      warning(
        `Steps that were lost twice wait to run alone: ${someOf(suspects.map(laneText))}.`,
        'Look at what their handlers do to the process: memory, process.exit, endless loops.',
      ),
    )
  if (work.pastDeadlineTaskCount > 0)
    found.push(
      problem(
        `${count(work.pastDeadlineTaskCount, 'task', countMax)} past the deadline and not ended.`,
        'Any live worker that serves them ends them; `tasker task why <id>` tells more.',
      ),
    )
  if (work.failingTaskCount > 0)
    found.push(
      warning(
        `${count(work.failingTaskCount, 'task', countMax)} under way with a step that failed for good.`,
        'They end in error when nothing else can go on; `tasker task why <id>` shows the step.',
      ),
    )
  if (work.errorTaskCount > 0)
    found.push(
      warning(
        `${count(work.errorTaskCount, 'task', countMax)} in error.`,
        '`tasker task list --state error` shows them, `tasker task why <id>` what would help each.',
      ),
    )
  if (work.heldTaskCount > 0)
    found.push(
      warning(
        `${count(work.heldTaskCount, 'task')} held.`,
        'Resume with `tasker task resume <id>`.',
      ),
    )
  for (const { name, by } of work.heldNamespaces)
    found.push(
      warning(
        `Namespace ${name} is held by ${by}: nothing of it starts.`,
        `Resume with \`tasker namespace resume ${shellWord(name)}\`.`,
      ),
    )
  if (found.length > 0) return found
  return [ok(`${count(work.openTaskCount, 'task', countMax)} under way; nothing is stuck.`)]
}

function unserved(late: readonly LateLane[]): readonly Finding[] {
  const lanes = late.filter(({ isServed }) => !isServed)
  if (lanes.length === 0) return []
  return [
    findingsOf('work').problem(
      `No live worker serves what is due: ${someOf(lanes.map(laneText))}.`,
      'Start a worker whose definitions include these versions.',
    ),
  ]
}

const laneText = ({ definition, stepCount, lateSeconds }: LateLane): string =>
  `${definition} (${count(stepCount, 'step')}, the oldest since ${formatDuration(lateSeconds * 1_000)})`
