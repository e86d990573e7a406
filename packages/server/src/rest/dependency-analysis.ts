// The analysis of one task under the names of REST. That it could not be made never fails what it is a part of.
import { TaskerError, type Tasker } from '@tasker/engine'
import { snakeCased } from './snake-case.ts'

export async function analysisOf(tasker: Tasker, taskId: string): Promise<object> {
  try {
    const { taskId: _, generatedAt, ...analysis } = await tasker.reports.analysis(taskId)
    return { ...(snakeCased(analysis) as object), analysis_timestamp: generatedAt } // an object is one
  } catch (error) {
    if (error instanceof TaskerError && error.code === 'TASK_NOT_FOUND') throw error
    tasker.log.error({ error, taskId }, 'the analysis of a task failed')
    const code = error instanceof TaskerError ? error.code : 'INTERNAL'
    return { error: code, analysis_timestamp: tasker.now() }
  }
}
