// Schemas that several resources share: ids, times, pages, JSON. Each is the check of what comes in, or the documentation of
// what goes out, and the OpenAPI document says the same.
import type { JsonObject } from '@tasker/engine'
import { z } from 'zod'

export const uuid = z.uuid().meta({ example: '0198f3f0-7c1e-7000-8000-0123456789ab' })

/** UTC with milliseconds. */
export const timestamp = z.iso
  .datetime()
  .meta({ description: 'UTC, with milliseconds.', example: '2026-11-21T10:30:00.000Z' })

export const count = z.int().min(0)

/** Milliseconds. */
export const duration = z.number().min(0)

export const json = z.unknown().meta({ description: 'Any JSON.' })

/** Not walked through here, however deep it is: the engine says what can be stored. */
export const jsonObject = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'is not an object',
  )
  .meta({ type: 'object', additionalProperties: true })

/** A whole number in a query or a path, where everything is text. */
export function integerText(bounds: {
  readonly min: number
  readonly max: number
}): z.ZodType<number, string> {
  const { min, max } = bounds
  const message = `is not a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
    .meta({ type: 'integer', minimum: min, maximum: max })
}

/** `true` or `false` in a query. */
export const booleanText: z.ZodType<boolean, string> = z
  .enum(['true', 'false'], 'is neither true nor false')
  .transform((text) => text === 'true')
  .meta({ type: 'boolean' })

/** One or more: given several times, or with commas between them. */
export function listText<Item extends string>(
  item: z.ZodType<Item, string>,
): z.ZodType<readonly Item[], string | string[]> {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(item).min(1).max(100))
    .meta({
      type: 'array',
      items:
        item instanceof z.ZodEnum ? { type: 'string', enum: item.options } : { type: 'string' },
      minItems: 1,
      maxItems: 100,
    })
}

/** A point in time in a query. */
export const timeText: z.ZodType<Date, string> = z.iso
  .datetime({ offset: true, error: 'is not an ISO 8601 time with its zone' })
  .transform((text) => new Date(text))
  .meta({ type: 'string', format: 'date-time' })

export const limitText = integerText({ min: 1, max: 100 })
  .default(20)
  .meta({ description: 'How many at most, 1 to 100.', default: 20 })

/** Where a list goes on. */
export const page = z
  .strictObject({
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Send as `cursor` for the next page; null on the last.' }),
    total: z
      .strictObject({
        count: z.int().min(0),
        is_capped: z.boolean().meta({ description: 'There are more, or may be.' }),
      })
      .optional()
      .meta({ description: 'With `include=total`.' }),
  })
  .meta({ id: 'Page' })

/** A text that can be stored and searched for. */
export const text = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'holds a NUL or half a surrogate pair',
    )

/** One or more texts, each in a parameter of its own: they may hold commas. */
export const manyText = (max: number): z.ZodType<readonly string[], string | string[]> =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat())
    .pipe(z.array(text(max)).min(1).max(50))
    .meta({ type: 'array', items: { type: 'string' } })

/** A JSON object in a query. */
export const objectText: z.ZodType<JsonObject, string> = z
  .string()
  .max(65_536)
  .transform((given, context) => {
    const value = parsed(given)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as JsonObject // what JSON.parse returns
    context.addIssue('is not a JSON object')
    return z.NEVER
  })
  .meta({ type: 'string', contentMediaType: 'application/json', example: '{"order_id":7}' })

function parsed(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}
