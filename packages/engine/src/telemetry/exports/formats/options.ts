// Reads the options of a format: checked whole, defaults applied, every fault named.
import type { z } from 'zod'
import { faultsOf, refuseInput } from '../../../tasks/check-input.ts'

/** @throws {TaskerError} REQUEST_INVALID with every fault */
export function readOptions<Shape extends z.ZodRawShape>(
  format: string,
  schema: z.ZodObject<Shape>,
  given: unknown,
): z.output<z.ZodObject<Shape>> {
  const reading = schema.safeParse(given)
  if (reading.success) return reading.data
  const kind = {
    keyIs: `an option of the format ${format}`,
    knownKeys: Object.keys(schema.shape),
  }
  throw refuseInput(`The format ${format}`, faultsOf(reading.error, kind))
}
