// The test kit, for applications that test their own tasks and for this package's own tests. It knows no test framework.
export { createTestTasker } from './test-tasker.ts'
export type { Asked, Failing, Stub, TestTasker, TestTaskerOptions } from './test-tasker.ts'
export type { TestTask, TurnLimit } from './test-task.ts'
export type {
  BlockedExpectations,
  HistoryExpectations,
  StepExpectation,
  StepExpectations,
  StepNameOf,
} from './expectations.ts'
export type { Attempts, CrashPoint } from './script.ts'
export type { EventMatch } from './next-event.ts'
export { breakableStore } from './breakable-store.ts'
export type { BreakableStore, StoreFault } from './breakable-store.ts'
export { cacheStoreCases } from './cache-store-cases.ts'
export type { CacheStoreCase } from './cache-store-cases.ts'
export { startTestServer } from './test-server.ts'
export type { TestServer } from './test-server.ts'
export { testClock } from './test-clock.ts'
export type { TestClock } from './test-clock.ts'
export { recordEvents } from './record-events.ts'
export type { EventRecord, RecordedEvent } from './record-events.ts'
export { exporterCases } from './exporter-cases.ts'
export type { ExporterCase } from './exporter-cases.ts'
export { runToEnd } from './run-to-end.ts'
export { builtInFailures, defineShape, randomShape } from './define-shape.ts'
export type { RandomShapeOptions } from './define-shape.ts'
export { shapeFailures, shapes } from './shapes.ts'
export type { Shape, ShapeId, ShapeStep } from './shapes.ts'
export { validateDefinitions } from '../definitions/yaml-files.ts'
export type { ValidateOptions, ValidationReport } from '../definitions/yaml-files.ts'
