// How durations, times, states and addresses are written for people, everywhere the same.
import type { StepState, TaskState } from '@tasker/engine'
import type { Paint } from './terminal.ts'

/** `84 ms`, `1.2 s`, `3 min 04 s`, `2 h 05 min`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < 1_000) return `${ms} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} min`
}

/** `+0.084 s`: since the task was created. */
export function formatElapsed(from: Date, to: Date): string {
  return `+${((to.getTime() - from.getTime()) / 1_000).toFixed(3)} s`
}

/** `2026-11-21 03:10:39Z` */
export function formatTime(time: Date): string {
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

export function formatAddress(task: {
  readonly namespace: string
  readonly name: string
  readonly version: string
}): string {
  return `${task.namespace}/${task.name}@${task.version}`
}

/** `1 step`, `2 steps` */
export function count(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? '' : 's'}`
}

/** Green: it went well. Red: it did not. Cyan: it goes on. */
export function paintState(text: string, state: TaskState | StepState, paint: Paint): string {
  switch (state) {
    case 'complete':
    case 'resolved_manually':
      return paint.green(text)
    case 'in_progress':
      return paint.cyan(text)
    case 'error':
      return paint.red(text)
    case 'pending':
    case 'cancelled':
    case 'skipped':
      return paint.dim(text)
    default:
      return state satisfies never
  }
}
