// The public door of @tasker/engine. What is not exported here is not promised.
export { createTasker } from './tasker.ts'
export type { Tasker, TaskerOptions, TaskerWorker } from './tasker.ts'
export { gatherDefinitions, parseAddress } from './given-definitions.ts'
export type { DefinitionAddress, GivenDefinition } from './given-definitions.ts'
export type { CreateRequest, TaskListing, TaskPage, Tasks } from './task-operations.ts'
export type { CancelOrder } from './tasks/cancel-order.ts'
export type { Creation } from './tasks/create-task.ts'
export type { FindFilter } from './tasks/find-filter.ts'
export type { TaskOptions } from './tasks/request.ts'
export type { WaitOptions } from './tasks/wait-for.ts'
export type { TaskView } from './reports/task-view.ts'
export type { StepReason, WhyReport } from './reports/why.ts'
export type { ExecutionContextRow, HistoryRow, StepRow, TaskRow } from './database/read-tasks.ts'
export type { WorkerRow } from './database/read-workers.ts'
export type { ClaimedStep } from './database/steps.ts'
export type { StoredAnnotation } from './database/annotations.ts'

export {
  errorCatalogue,
  listFaults,
  PermanentError,
  RetryableError,
  TaskerError,
} from './errors.ts'
export type { ErrorCategory, ErrorCode, ErrorDetails, Fault } from './errors.ts'
export { AttemptAborted } from './steps/run-step.ts'
export type { AbortCause } from './steps/run-step.ts'

export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export type { CallId, DefinitionId, GraphId, TaskId, WorkerId } from './ids.ts'
export type { Json, JsonObject } from './json.ts'
export type { Logger } from './log.ts'
export { packageVersion } from './version.ts'

export {
  executionStatuses,
  healthStatuses,
  isEnded,
  priorities,
  recommendedActions,
  satisfiedStates,
  stepMoves,
  stepStates,
  taskMoves,
  taskStates,
} from './states.ts'
export type {
  ExecutionStatus,
  HealthStatus,
  Priority,
  RecommendedAction,
  StepState,
  TaskState,
} from './states.ts'

export { describeConfig, readConfigFile, resolveConfig } from './config.ts'
export type {
  Config,
  ConfigFile,
  ConfigInput,
  ConfigRow,
  ConfigSource,
  IdentityFunction,
  IdentityRequest,
  OptionKey,
  ResolvedConfig,
  TaskerOptionsInput,
} from './config.ts'

export { checkSchema, migrate, migrationSql, planMigration } from './database/migrate.ts'
export type { MigrateOptions, MigrationPlan } from './database/migrate.ts'

export type { Events, Subscriber } from './events/bus.ts'
export type {
  EventName,
  EventPayloads,
  StepEnded,
  StepFailed,
  StepHappened,
  TaskHappened,
} from './events/catalogue.ts'

export { defineTask } from './definitions/builder.ts'
export type {
  ContextInputOf,
  ContextOf,
  ExpansionItem,
  ResultsOf,
  StepOptions,
  TaskBuilder,
  TaskSettings,
  TypedCompletedTask,
  TypedDefinition,
  TypedStepExecution,
} from './definitions/builder-types.ts'
export { buildDefinition } from './definitions/build-definition.ts'
export type { DefinitionSource } from './definitions/build-definition.ts'
export { ConfiguredTask, TaskHandler } from './definitions/task-handler.ts'
export type {
  AnnotatedTask,
  CompletedSequence,
  CompletedStep,
  PlannedStep,
  PlannedTask,
  StepTemplate,
  TaskHandlerClass,
} from './definitions/task-handler.ts'
export { defineTaskFromClass } from './definitions/task-hooks.ts'
export { StepHandler } from './definitions/step-handler.ts'
export type {
  StepHandlerClass,
  StepSequence,
  StepView,
  TaskView as HandledTask,
} from './definitions/step-handler.ts'
export {
  loadConfiguredTask,
  loadDefinition,
  loadDefinitionsFromDirectory,
  readDefinition,
} from './definitions/yaml-files.ts'
export type { YamlOptions } from './definitions/yaml-definition.ts'
export type { HandlerLookup } from './definitions/handler-lookup.ts'
export { analyseGraph } from './definitions/graph.ts'
export { createRegistry } from './definitions/registry.ts'
export type { DefinitionRegistry } from './definitions/registry.ts'
export type { DatabaseClient } from './definitions/host-transaction.ts'
export type {
  Annotation,
  CompletedTask,
  CustomEvent,
  RunStep,
  StepExecution,
  StepSettings,
  TaskDefinition,
  WaitOutcome,
} from './definitions/model.ts'
