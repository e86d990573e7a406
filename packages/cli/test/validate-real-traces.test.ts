// `tasker validate jaeger` over traces that the engine made and OpenTelemetry's SDK exported: nothing of them is made by hand.
import { context, propagation, trace } from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { validateJaeger } from '../src/commands/validate-jaeger.ts'
import { standInForJaeger } from './jaeger-stand-in.ts'
import { validated } from './validate-in-process.ts'

test('the traces of the engine pass every check', async () => {
  const { url: database } = await cloneDatabase()
  const { url } = await standInForJaeger()
  // The command registers a provider, and test files share a process.
  onTestFinished(() => {
    trace.disable()
    context.disable()
    propagation.disable()
  })
  const report = await validated(database, (given) =>
    validateJaeger(given, { url, otlpUrl: url, timeout: 20 }),
  )
  expect({ faults: report.faults, notMade: report.notMade }).toEqual({ faults: '', notMade: [] })
  expect(report.exitCode).toBe(0)
})
