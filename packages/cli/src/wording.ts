// How times, sizes and states are written for people, everywhere the same. Durations, amounts and addresses are the
// engine's.
import type { StepState, TaskState } from '@tasker/engine'
import type { Paint } from './terminal.ts'

/** `+0.084 s`: since the task was created. */
export function formatElapsed(from: Date, to: Date): string {
  return `+${((to.getTime() - from.getTime()) / 1_000).toFixed(3)} s`
}

/** `812 B`, `4.2 kB`, `1.3 GB` */
export function formatBytes(bytes: number): string {
  let size = bytes
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (size < 1_000) return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`
    size /= 1_000
  }
  return `${size.toFixed(1)} TB`
}

/** `2026-11-21 03:10:39Z` */
export function formatTime(time: Date): string {
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
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
