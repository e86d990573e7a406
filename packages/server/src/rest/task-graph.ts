// A task as a graph, in the forms that pages and tools draw, and its dependency analysis.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { analysisOf } from './dependency-analysis.ts'
import { graphBody, graphQuery, graphReply, graphTypes } from './draw-graph.ts'
import { taskPartFields, taskPath } from './task-schemas.ts'

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
      others: graphTypes,
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
