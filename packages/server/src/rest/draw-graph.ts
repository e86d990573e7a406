// A graph in the forms that pages and tools draw.
import {
  durationSources,
  graphFormats,
  renderGraph,
  stepStates,
  taskStates,
  type GraphFormat,
  type StepGraph,
} from '@tasker/engine'
import { z } from 'zod'
import type { Reply } from '../operation.ts'
import { duration, uuid } from './schemas.ts'
import { snakeCased } from './snake-case.ts'

export const graphQuery = z.strictObject({
  format: z.enum(graphFormats).default('json').meta({ default: 'json' }),
  durations: z.enum(durationSources).optional(),
})

const contentTypes: Readonly<Record<Exclude<GraphFormat, 'json'>, string>> = {
  mermaid: 'text/vnd.mermaid',
  dot: 'text/vnd.graphviz',
  svg: 'image/svg+xml',
}

/** Of all forms but JSON, for the documentation. */
export const graphTypes: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.values(contentTypes).map((type) => [type, z.string()]),
)

const graph = z
  .strictObject({
    namespace: z.string(),
    name: z.string(),
    version: z.string(),
    task_id: uuid.nullable(),
    state: z.enum(taskStates).nullable(),
    durations: z.enum(durationSources),
    nodes: z.array(
      z.strictObject({
        name: z.string(),
        level: z.int(),
        parents: z.array(z.string()),
        state: z.enum(stepStates).nullable(),
        attempts: z.int().nullable(),
        retry_limit: z.int(),
        duration_ms: duration.nullable(),
        is_on_critical_path: z.boolean(),
      }),
    ),
    edges: z.array(
      z.strictObject({ from: z.string(), to: z.string(), is_on_critical_path: z.boolean() }),
    ),
    levels: z.array(z.array(z.string())),
    critical_path: z.strictObject({ steps: z.array(z.string()), total_ms: duration }).nullable(),
  })
  .meta({ id: 'StepGraph' })

export const graphBody = z.strictObject({ graph }).meta({ id: 'StepGraphBody' })

export function graphReply(format: GraphFormat, drawn: StepGraph): Reply | Response {
  if (format === 'json') return { body: { graph: snakeCased(drawn) } }
  return new Response(renderGraph(drawn, format), {
    headers: {
      'content-type': `${contentTypes[format]}; charset=utf-8`,
      'cache-control': 'no-store',
      // A picture that is opened by itself is no page, and can do nothing.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    },
  })
}
