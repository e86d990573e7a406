// Tasks and their steps over REST: all operations, in the order of the documentation.
import type { Operation } from '../operation.ts'
import { taskAnnotations } from './annotations.ts'
import { operateTasks } from './bulk-actions.ts'
import { creation } from './create-tasks.ts'
import { findTasks } from './find-tasks.ts'
import { pruneTasks } from './prune.ts'
import { rerunTask } from './rerun.ts'
import { stepActions } from './step-actions.ts'
import { stepResource } from './steps.ts'
import { taskActions } from './task-actions.ts'
import { taskGraph } from './task-graph.ts'
import { taskHistory } from './task-history.ts'
import { taskResource } from './task-resource.ts'
import { explainTask } from './task-why.ts'

export const taskOperations: readonly Operation[] = [
  findTasks,
  ...creation,
  ...taskResource,
  ...taskHistory,
  explainTask,
  ...taskGraph,
  ...taskAnnotations,
  ...stepResource,
  ...taskActions,
  rerunTask,
  ...stepActions,
  operateTasks,
  pruneTasks,
]
