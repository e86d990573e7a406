// An error in a few words, read from what history keeps of it (steps/describe-error.ts), of whatever version wrote it.
import type { Json } from '../json.ts'

export interface ErrorBrief {
  readonly class: string
  readonly message: string
  readonly code: string | null
  /** The error that is farthest behind it; only where one is kept. */
  readonly cause?: Omit<ErrorBrief, 'cause'>
}

/** Null: nothing is kept. */
export function errorBrief(stored: Json | undefined): ErrorBrief | null {
  if (typeof stored !== 'object' || stored === null) return null
  const causes: unknown = Reflect.get(stored, 'causes')
  const root: unknown = Array.isArray(causes) ? causes.at(-1) : null
  return {
    ...headOf(stored),
    ...(typeof root === 'object' && root !== null ? { cause: headOf(root) } : {}),
  }
}

function headOf(stored: object): Omit<ErrorBrief, 'cause'> {
  const text = (key: string): string | null => {
    const value: unknown = Reflect.get(stored, key)
    return typeof value === 'string' ? value : null
  }
  return { class: text('class') ?? 'Error', message: text('message') ?? '', code: text('code') }
}
