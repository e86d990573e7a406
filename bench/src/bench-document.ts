// The results of `npm run bench` as a document: what was measured on, each run, and what the targets make of them.
import { z } from 'zod'
import { machineSchema } from './machine.ts'

export const figuresSchema = z.record(z.string(), z.number().nullable())

export const medianSchema = z.object({ median: z.number(), min: z.number(), max: z.number() })

export const verdictSchema = z.object({
  says: z.string(),
  found: medianSchema.nullable(),
  isMet: z.boolean().nullable(),
})

const partSchema = z.object({ name: z.string(), figures: figuresSchema })

export const benchDocumentSchema = z.object({
  date: z.iso.datetime(),
  machine: machineSchema,
  slots: z.number().int(),
  /** More than 1: sizes were divided by it, and the figures only show that everything works. */
  divisor: z.number().int(),
  notes: z.array(z.string()),
  workloads: z.array(
    z.object({
      name: z.string(),
      what: z.string(),
      target: z.string(),
      runs: z.array(z.array(partSchema)),
      medians: z.array(
        z.object({
          name: z.string(),
          figures: z.record(z.string(), medianSchema.nullable()),
        }),
      ),
      verdicts: z.array(verdictSchema),
    }),
  ),
})

export type BenchDocument = z.infer<typeof benchDocumentSchema>
