// Generated from operations.graphql by generate.ts. Do not edit.
import type { Operation } from './client.ts'

export interface ListTasksVariables {
  readonly filter?: TaskFilter | null
  readonly first?: number
  readonly after?: string | null
}

export type ListTasksData = {
  readonly tasks: {
    readonly totalCount: number
    readonly nodes: readonly ({
      readonly taskId: string
      readonly fullName: string
      readonly status: TaskStatus
      readonly createdAt: string
    })[]
    readonly pageInfo: {
      readonly hasNextPage: boolean
      readonly endCursor: string | null
    }
  } | null
}

export const listTasks: Operation<ListTasksData, ListTasksVariables> = {
  query: `query ListTasks($filter: TaskFilter, $first: Int! = 20, $after: ID) {
  tasks(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes {
      ...Row
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}

fragment Row on Task {
  taskId
  fullName
  status
  createdAt
}`,
}

export interface ShowTaskVariables {
  readonly taskId: string
}

export type ShowTaskData = {
  readonly task: {
    readonly taskId: string
    readonly fullName: string
    readonly status: TaskStatus
    readonly createdAt: string
    readonly context: unknown
    readonly workflowSteps: {
      readonly nodes: readonly ({
        readonly name: string
        readonly status: StepStatus
        readonly results: unknown
        readonly parents: readonly ({
          readonly name: string
        })[] | null
      })[]
    } | null
  } | null
}

export const showTask: Operation<ShowTaskData, ShowTaskVariables> = {
  query: `query ShowTask($taskId: ID!) {
  task(taskId: $taskId) {
    ...Row
    context
    workflowSteps(first: 100) {
      nodes {
        name
        status
        results
        parents {
          name
        }
      }
    }
  }
}

fragment Row on Task {
  taskId
  fullName
  status
  createdAt
}`,
}

export interface CreateTaskVariables {
  readonly input: CreateTaskInput
}

export type CreateTaskData = {
  readonly createTask: {
    readonly isChanged: boolean
    readonly task: {
      readonly taskId: string
      readonly fullName: string
      readonly status: TaskStatus
      readonly createdAt: string
    } | null
    readonly userErrors: readonly ({
      readonly field: string | null
      readonly message: string
      readonly code: string
    })[]
  }
}

export const createTask: Operation<CreateTaskData, CreateTaskVariables> = {
  query: `mutation CreateTask($input: CreateTaskInput!) {
  createTask(input: $input) {
    isChanged
    task {
      ...Row
    }
    userErrors {
      field
      message
      code
    }
  }
}

fragment Row on Task {
  taskId
  fullName
  status
  createdAt
}`,
}

export interface TaskFilter {
  readonly annotation?: AnnotationFilter | null
  readonly contextContains?: unknown
  readonly createdBefore?: string | null
  readonly createdFrom?: string | null
  readonly endedBefore?: string | null
  readonly endedFrom?: string | null
  readonly initiator?: string | null
  readonly isHeld?: boolean | null
  readonly name?: string | null
  readonly namespace?: string | null
  readonly priority?: Priority | null
  readonly rerunOf?: string | null
  readonly sourceSystem?: string | null
  readonly status?: readonly (TaskStatus)[] | null
  readonly tags?: readonly (string)[] | null
  readonly version?: string | null
}

export interface AnnotationFilter {
  readonly contains?: unknown
  readonly type: string
}

export type Priority =
  | 'CRITICAL'
  | 'HIGH'
  | 'LOW'
  | 'NORMAL'

export type TaskStatus =
  | 'CANCELLED'
  | 'COMPLETE'
  | 'ERROR'
  | 'IN_PROGRESS'
  | 'PENDING'
  | 'RESOLVED_MANUALLY'

export type StepStatus =
  | 'CANCELLED'
  | 'COMPLETE'
  | 'ERROR'
  | 'IN_PROGRESS'
  | 'PENDING'
  | 'RESOLVED_MANUALLY'
  | 'SKIPPED'

export interface CreateTaskInput {
  readonly bypassSteps?: readonly (string)[] | null
  readonly clientMutationId?: string | null
  readonly context: unknown
  readonly correlationId?: string | null
  readonly deadlineMs?: number | null
  readonly idempotencyKey?: string | null
  readonly initiator?: string | null
  readonly name: string
  readonly namespace?: string | null
  readonly priority?: Priority | null
  readonly reason?: string | null
  readonly sourceSystem?: string | null
  readonly tags?: readonly (string)[] | null
  readonly version?: string | null
}
