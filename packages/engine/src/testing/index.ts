// The test kit, for applications that test their own tasks and for this package's own tests.
export { testClock } from './test-clock.ts'
export type { TestClock } from './test-clock.ts'
export { recordEvents } from './record-events.ts'
export type { EventRecord, RecordedEvent } from './record-events.ts'
export { runToEnd } from './run-to-end.ts'
