// Options of the section `orchestration`: the worker's loop, its lease, its wake-ups and its end.
import { listOf, nullOr, text, versionRange, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

export const orchestrationOptions = {
  pollIntervalMs: option(wholeNumber({ min: 50, max: 60_000 }), {
    default: 1_000,
    unit: 'milliseconds',
    help: 'Longest time between two looks for due steps while nothing wakes the worker.',
    reason:
      'Only the floor under NOTIFY and the timer of the next due step; an idle worker stays ' +
      'below 2 queries/s.',
  }),
  heartbeatIntervalMs: option(wholeNumber({ min: 100, max: 300_000 }), {
    default: 5_000,
    unit: 'milliseconds',
    help: 'Time between two renewals of the worker’s lease.',
    reason: 'A third of the lease: two renewals may be lost before it ends.',
  }),
  leaseMs: option(wholeNumber({ min: 1_000, max: 3_600_000 }), {
    default: 15_000,
    unit: 'milliseconds',
    help:
      'How long a worker that does not renew still owns its steps. At least twice the ' +
      'heartbeat.',
    reason:
      'With the scan it bounds the delay after a crash to 20 s. Below 1 s a garbage collection ' +
      'would look like one.',
  }),
  scanIntervalMs: option(wholeNumber({ min: 100, max: 300_000 }), {
    default: 5_000,
    unit: 'milliseconds',
    help:
      'Time between two searches for steps of workers that are gone, and between two roll-ups of ' +
      'the statistics.',
    reason: 'A crash delays work by at most lease and scan.',
  }),
  sweepIntervalMs: option(wholeNumber({ min: 1_000, max: 86_400_000 }), {
    default: 60_000,
    unit: 'milliseconds',
    help:
      'Time between two checks that exactly the right steps are due; what it repairs is ' +
      'counted.',
    reason: 'A net that should catch nothing, so it need not be fast.',
  }),
  shutdownGraceMs: option(wholeNumber({ min: 0, max: 3_600_000 }), {
    default: 25_000,
    unit: 'milliseconds',
    help: 'How long a stopping worker lets its handlers go on before it aborts them.',
    reason: 'With the abort it fits into the 30 s that container platforms give by default.',
  }),
  abortGraceMs: option(wholeNumber({ min: 0, max: 600_000 }), {
    default: 5_000,
    unit: 'milliseconds',
    help: 'How long an aborted handler may take to end before its step is handed back without it.',
    reason: 'See `orchestration.shutdownGraceMs`.',
  }),
  listen: option(yesOrNo(), {
    default: true,
    help:
      'Wake up by LISTEN, on one connection beside the pools. False: polling alone; NOTIFY is ' +
      'sent all the same, for those who listen.',
    reason: 'A pooler in transaction mode does not carry LISTEN.',
  }),
  notifyCooldownMs: option(wholeNumber({ min: 0, max: 10_000 }), {
    default: 50,
    unit: 'milliseconds',
    help: 'Shortest time between two NOTIFY of one process.',
    reason: 'NOTIFY takes a lock of the whole server; losing one costs a poll.',
  }),
  dueEveryCalls: option(wholeNumber({ min: 1, max: 1_000 }), {
    default: 8,
    unit: 'calls',
    help:
      'Every how many claims a worker takes due steps before the children of the steps ' +
      'that it finished.',
    reason:
      'Children first saves round trips; without this a step of better priority could wait for ' +
      'ever.',
  }),
  lanesPerCall: option(wholeNumber({ min: 1, max: 1_000 }), {
    default: 64,
    unit: 'lanes',
    help:
      'Most lanes (one per stored definition version) that one claim looks into; the rest ' +
      'follow in rotation.',
    reason: 'Each lane and priority costs one probe of the index.',
  }),
  namespaces: option(nullOr(listOf(text(), { min: 1, max: 1_000 })), {
    default: null,
    help: 'Namespaces that this worker serves. Null: all that it has definitions for.',
    reason: 'Lets a process be dedicated to some of the work.',
  }),
  versions: option(nullOr(versionRange()), {
    default: null,
    help:
      'Versions that this worker serves, of every definition, as a semver range; pre-releases ' +
      'count. Null: all that it has definitions for.',
    reason:
      'Lets two generations of workers share a database (blue/green): a task stays with the ' +
      'version it was created with.',
  }),
}
