// A task as a graph, in the forms that pages and tools draw, and its dependency analysis.
import { durationSources, graphFormats, renderGraph, type GraphFormat } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { analysisOf } from './dependency-analysis.ts'
import { uuid } from './schemas.ts'
import { snakeCased } from './snake-case.ts'
import { stepStatus } from './step-schemas.ts'
import { taskPartFields, taskPath, taskStatus } from './task-schemas.ts'

/** Of a picture that is opened by itself: it is no page, and can do nothing. */
const pictureHeaders = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'x-content-type-options': 'nosniff',
}

export const graphTypes: Readonly<Record<Exclude<GraphFormat, 'json'>, string>> = {
  mermaid: 'text/vnd.mermaid; charset=utf-8',
  dot: 'text/vnd.graphviz; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
}

export const graphQuery = z.strictObject({
  format: z.enum(graphFormats).default('json'),
  durations: z.enum(durationSources).optional(),
})

const node = z.strictObject({
  name: z.string(),
  level: z.int(),
  parents: z.array(z.string()),
  state: stepStatus.nullable(),
  attempts: z.int().nullable(),
  retry_limit: z.int(),
  duration_ms: z.number().nullable(),
  is_on_critical_path: z.boolean(),
})

export const graph = z
  .strictObject({
    namespace: z.string(),
    name: z.string(),
    version: z.string(),
    task_id: uuid.nullable(),
    state: taskStatus.nullable(),
    durations: z.enum(durationSources),
    nodes: z.array(node),
    edges: z.array(
      z.strictObject({ from: z.string(), to: z.string(), is_on_critical_path: z.boolean() }),
    ),
    levels: z.array(z.array(z.string())),
    critical_path: z.strictObject({ steps: z.array(z.string()), total_ms: z.number() }).nullable(),
  })
  .meta({ id: 'StepGraph' })

export const graphBody = z.strictObject({ graph }).meta({ id: 'StepGraphBody' })

/** A graph in the form that was asked for. */
export function graphReply(
  format: GraphFormat,
  drawn: Parameters<typeof renderGraph>[0],
): { readonly body: object } | Response {
  if (format === 'json') return { body: { graph: snakeCased(drawn) } }
  return new Response(renderGraph(drawn, format), {
    headers: {
      'content-type': graphTypes[format],
      'cache-control': 'no-store',
      ...pictureHeaders,
    },
  })
}

const drawTask = operation({
  id: 'getTaskGraph',
  method: 'get',
  path: '/tasks/{task_id}/graph',
  permission: 'tasker.task_diagram:index',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Draw a task as a graph',
  description:
    'As JSON, Mermaid, DOT or SVG. The SVG holds no script and no link, whatever the steps are called. `durations`: default `measured`.',
  params: taskPath,
  query: graphQuery,
  answers: {
    200: {
      description: 'The graph.',
      schema: graphBody,
      otherContentTypes: Object.values(graphTypes),
    },
  },
  async handle({ tasker, params, query: { format, durations } }) {
    const options = durations === undefined ? {} : { durations }
    return graphReply(format, await tasker.reports.graph(params.task_id, options))
  },
})

const analyseTask = operation({
  id: 'analyseTask',
  method: 'get',
  path: '/tasks/{task_id}/dependency_analysis',
  permission: 'tasker.task:show',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Analyse the graph of a task',
  description:
    'Paths and which of them matter most, what can run at once, what failed steps keep from running, what holds it up. Weights: section `dependencyGraph` of the configuration.',
  params: taskPath,
  answers: {
    200: {
      description: 'Made anew at each request.',
      schema: z
        .strictObject({ dependency_analysis: taskPartFields.dependency_analysis })
        .meta({ id: 'DependencyAnalysisBody' }),
    },
  },
  handle: async ({ tasker, params }) => ({
    body: { dependency_analysis: await analysisOf(tasker, params.task_id) },
  }),
})

export const taskGraph: readonly Operation[] = [drawTask, analyseTask]
