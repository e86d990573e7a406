// The public door of @tasker/engine. What is not exported here is not promised.
export { createTasker } from './tasker.ts'
export type { Tasker, TaskerWorker } from './tasker-interface.ts'
export type { TaskerOptions } from './tasker-options.ts'
export { gatherDefinitions, parseAddress } from './given-definitions.ts'
export type { DefinitionAddress, GivenDefinition } from './given-definitions.ts'
export type { CreateRequest, TaskCount, TaskListing, TaskPage, Tasks } from './task-operations.ts'
export type { OperatorActions, Rerun } from './operator-actions.ts'
export type { Namespaces } from './namespace-operations.ts'
export type { ApiToken } from './database/api-tokens.ts'
export { looksLikeApiToken } from './api-token-operations.ts'
export type {
  ApiTokens,
  NewToken,
  TokenCheck,
  TokenRotation,
  TokenWithSecret,
} from './api-token-operations.ts'
export { auditOutcomes } from './database/audit.ts'
export type { AuditEntry, AuditId, AuditOutcome } from './database/audit.ts'
export type {
  Audit,
  AuditedAttempt,
  AuditedChange,
  AuditedEnd,
  AuditPage,
  FindAuditEntries,
} from './audit-operations.ts'
export { operatorActions } from './tasks/operator-order.ts'
export type {
  ActionOptions,
  Condition,
  OperatorAction,
  RerunOptions,
  ResolveOptions,
  RetryLimitOptions,
  RetryOptions,
  Signature,
} from './tasks/operator-order.ts'
export type { BulkOrder, BulkProgress, BulkReport, Operation } from './tasks/operate-in-bulk.ts'
export type { MovedStep, NamespaceChange, NamespaceRow, RerunStep } from './database/operate.ts'
export type { TaskOrder } from './database/find-tasks.ts'
export type { Creation } from './tasks/create-task.ts'
export type { FindFilter, TaskSelection } from './tasks/find-filter.ts'
export type { TaskOptions } from './tasks/request.ts'
export type { PruneOrder, PruneProgress } from './tasks/prune-order.ts'
export type { PruneReport } from './tasks/prune.ts'
export type { WaitOptions } from './tasks/wait-for.ts'
export type { TaskView } from './reports/task-view.ts'
export type { PhasesPassed, PhaseTimes } from './reports/step-track.ts'
export type { TimelineActor, TimelineKind } from './reports/timeline-kinds.ts'
export type { StepTimes, Timeline, TimelineEntry } from './reports/timeline.ts'
export { groupReasons } from './reports/why-groups.ts'
export type { ReasonGroup } from './reports/why-groups.ts'
export type {
  MissingParent,
  ReasonDetail,
  ReasonName,
  Remedy,
  RemedyCall,
  RootCause,
  ServingWorkers,
  StepReason,
  WorkerBrief,
} from './reports/reason-types.ts'
export type { TaskEnd } from './reports/why-task.ts'
export type { WhyReport } from './reports/why.ts'
export type { DefinitionScope, Reports } from './report-operations.ts'
export type {
  StoredDefinition,
  StoredDefinitionName,
  StoredDefinitionStep,
  StoredVersion,
} from './reports/stored-definitions.ts'
export type {
  AnalyticsMetrics,
  HealthCounts,
  SlowStep,
  SlowTask,
  StepLevel,
} from './database/read-statistics.ts'
export type {
  AnalyticsFilter,
  BottleneckFilter,
  ReportFilter,
  SlowestFilter,
} from './tasks/statistics-filter.ts'
export type { PerformanceReport } from './reports/performance/performance.ts'
export type { BottleneckReport } from './reports/performance/bottleneck-report.ts'
export { readinessChecks } from './reports/readiness.ts'
export type {
  CacheCheckResult,
  CheckResult,
  Readiness,
  ReadinessCheck,
} from './reports/readiness.ts'
export { statusChecks } from './reports/system-status.ts'
export type { StatusCheck, SystemStatus } from './reports/system-status.ts'
export type { WorkerCounts } from './database/read-workers.ts'
export type { RegistryHealth, VersionHealth } from './reports/registry-health.ts'
export { diffDefinitions } from './definitions/definition-diff.ts'
export type { DefinitionDiff } from './definitions/definition-diff.ts'
export type { Difference } from './definitions/difference.ts'
export type { TaskAnalysis } from './reports/analysis/analyse-task.ts'
export { definitionGraph } from './reports/graph/read-graph.ts'
export { mermaidLimits } from './reports/graph/mermaid.ts'
export { graphFormats, renderGraph } from './reports/graph/render.ts'
export type { GraphFormat } from './reports/graph/render.ts'
export type { CriticalPath } from './reports/graph/longest-path.ts'
export { durationSources } from './reports/graph/step-graph.ts'
export type { DurationSource, StepEdge, StepGraph, StepNode } from './reports/graph/step-graph.ts'
export { errorBrief } from './database/error-brief.ts'
export { errorLine } from './reports/why-sentences.ts'
export type { ErrorBrief } from './database/error-brief.ts'
export type { TaskEdit, TaskEdits } from './task-edits.ts'
export type { NewAnnotation, StepUpdate, TaskUpdate } from './tasks/edit-order.ts'
export type { TaskReads, TaskSummary } from './task-reads.ts'
export type { PayloadsAsked, StepLink, StepRow } from './database/read-steps.ts'
export type {
  DetailsAsked,
  ExecutionContextRow,
  HistoryRow,
  TaskRow,
} from './database/read-tasks.ts'
export { inspectCache } from './inspect-cache.ts'
export type { CacheInspection } from './inspect-cache.ts'
export type { CacheReading } from './reports/doctor/check-cache.ts'
export { diagnose, diagnoseFault } from './reports/doctor/diagnose.ts'
export type { Diagnosis, DiagnosisRequest } from './reports/doctor/diagnose.ts'
export type { Finding, Verdict } from './reports/doctor/finding.ts'
export type { WorkerRow } from './database/read-workers.ts'
export type { ClaimedStep } from './database/steps.ts'
export type { AnnotationType, StoredAnnotation } from './database/annotations.ts'

export { errorCatalogue } from './error-catalogue.ts'
export type { ErrorCategory, ErrorCode } from './error-catalogue.ts'
export { asError, listFaults, PermanentError, RetryableError, TaskerError } from './errors.ts'
export type { ErrorDetails, Fault } from './errors.ts'
export { AttemptAborted } from './steps/abort.ts'
export type { AbortCause } from './steps/abort.ts'

export { ApiStepHandler } from './definitions/api-steps/api-step-handler.ts'
export type { ApiStepSettings } from './definitions/api-steps/api-step-handler.ts'
export { httpStep } from './definitions/api-steps/http-step.ts'
export type { HttpStep, HttpStepOptions } from './definitions/api-steps/http-step.ts'
export { httpErrorClasses, httpStatusClasses } from './http/answer-classes.ts'
export type {
  AnswerClass,
  AnswerOutcome,
  AnswerOverrides,
  StatusClass,
  SystemHealth,
} from './http/answer-classes.ts'
export { expectOk } from './http/answer-errors.ts'
export { SystemUnavailable } from './http/systems/limits.ts'
export type { BreakerLimits, SystemLimits } from './http/systems/limits.ts'
export type { ReadSecret } from './steps/attempt-secrets.ts'
export { HttpError } from './http/model.ts'
export type {
  HttpBody,
  HttpClient,
  HttpErrorCode,
  HttpMethod,
  HttpRedirects,
  HttpRequest,
  HttpRequestOptions,
  HttpResponse,
  HttpTimeouts,
  HttpTls,
  QueryValue,
  RequestBrief,
} from './http/model.ts'

export * from './doors/cache.ts'
export {
  correlationIdFromHeaders,
  isCorrelationId,
  newCorrelationId,
  withCorrelationId,
} from './correlation.ts'
export type { HeadersLike } from './correlation.ts'
export { systemClock } from './clock.ts'
export type { Clock } from './clock.ts'
export type { CallId, DefinitionId, GraphId, TaskId, WorkerId } from './ids.ts'
export type { Json, JsonObject } from './json.ts'
export type { Logger, LogComponent, LogLevel } from './log.ts'
export type {
  Recent,
  RecentEvent,
  RecentEventsAsked,
  RecentLine,
  RecentLinesAsked,
} from './telemetry/recent/recent.ts'
export type { LogDestination } from './telemetry/logs/sink.ts'
export { packageVersion } from './version.ts'
export { count, formatDuration, plainLines, plainText, shellWord } from './wording.ts'

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

export { dependencyGraphPresets, describeConfig, readConfigFile, resolveConfig } from './config.ts'
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

export { createParameterFilter } from './telemetry/parameter-filter.ts'
export type { ParameterFilter } from './telemetry/parameter-filter.ts'
export * from './doors/metrics.ts'

export type { ChannelMessage, FailureCount, Subscriber } from './events/bus.ts'
export { eventCatalogue } from './events/described-events.ts'
export type { DescribedEvent, EventCatalogue, EventCategory } from './events/described-events.ts'
export type { Events } from './events/events.ts'
export type {
  Following,
  FollowOptions,
  History,
  HistoryEvent,
  HistoryPage,
  ReadOptions as HistoryReadOptions,
} from './history/follow.ts'
export type { HistoryEventName } from './history/events-of-entry.ts'
export { EventSubscriber } from './events/subscriber.ts'
export type { EventSubscriberClass } from './events/subscriber.ts'
export type { SubscribeOptions, Subscription } from './events/subscription.ts'
export type { SubscriberOptions, SubscriberSource } from './events/subscriptions.ts'
export { safeGet } from './events/told-event.ts'
export type { ToldAs, ToldCustom, ToldEvent, ToldOf } from './events/told-event.ts'
export type {
  ClaimHappened,
  EventName,
  EventPayloads,
  HandlerRegistered,
  PluginChanged,
  StepEnded,
  StepFailed,
  StepHappened,
  StepMoved,
  SubscriberChanged,
  TaskHappened,
} from './events/catalogue.ts'

export { defineTask } from './definitions/builder.ts'
export type {
  ContextInputOf,
  ContextOf,
  ExpansionItem,
  ResultsOf,
  StepCache,
  StepOptions,
  TaskBuilder,
  TaskSettings,
  TypedCompletedTask,
  TypedDefinition,
  TypedStepExecution,
} from './definitions/builder-types.ts'
export { buildDefinition, namespaceDefault } from './definitions/build-definition.ts'
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
  definitionFileChannel,
  loadConfiguredTask,
  loadDefinition,
  loadDefinitionsFromDirectory,
  readDefinition,
  validateDefinitions,
} from './definitions/yaml-files.ts'
export type { ValidateOptions, ValidationReport } from './definitions/yaml-files.ts'
export { readTrace } from './definitions/trace.ts'
export type { TraceOptions } from './definitions/trace.ts'
export type { YamlFault } from './definitions/yaml-source.ts'
export type { YamlOptions } from './definitions/yaml-definition.ts'
export type { HandlerLookup } from './definitions/handler-lookup.ts'
export { analyseGraph, siblingsOf } from './definitions/graph.ts'
export { formatAddress } from './definitions/names.ts'
export { createRegistry } from './definitions/registry.ts'
export type { DefinitionRegistry } from './definitions/registry.ts'
export type { DatabaseClient } from './definitions/host-transaction.ts'
export type {
  Annotation,
  CompletedTask,
  CustomEvent,
  RunStep,
  StepCaching,
  StepExecution,
  StepSettings,
  TaskDefinition,
  WaitOutcome,
} from './definitions/model.ts'
