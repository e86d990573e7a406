// The sort of an error, for tags: few values, so that nothing is counted by message.
import type { JsonObject } from '@tasker/engine'
import { z } from 'zod'

export type ErrorType =
  'timeout' | 'connection' | 'validation' | 'payment' | 'inventory' | 'other' | 'unknown'

const byWord: readonly (readonly [RegExp, ErrorType])[] = [
  [/timeout|timed out|HTTP_(408|504)/i, 'timeout'],
  [/connect|reset|HTTP_(502|503)/i, 'connection'],
  [/inventory|stock/i, 'inventory'],
  [/payment|declined|HTTP_402/i, 'payment'],
  [/invalid|empty|missing|HTTP_4\d\d/i, 'validation'],
]

/** Of what history keeps of an error. */
const described = z.object({ code: z.string().default(''), message: z.string().default('') })

export function errorTypeOf(stepName: string, error: JsonObject | null): ErrorType {
  if (error === null) return 'unknown'
  const { code, message } = described.parse(error)
  const said = `${code} ${message} ${stepName}`
  return byWord.find(([words]) => words.test(said))?.[1] ?? 'other'
}
