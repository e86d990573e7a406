// Every statistic beside its recomputation, for a list of scopes.
import { expect } from 'vitest'
import type { Reports } from '../../src/report-operations.ts'
import {
  analyticsOf,
  dump,
  healthOf,
  slowestStepsOf,
  slowestTasksOf,
  type Ask,
  type Scope,
} from './recomputed.ts'

export interface Compared {
  readonly on: Ask
  readonly reports: Reports
  readonly at: Date
  readonly scopes: readonly Scope[]
}

export async function expectRecomputed({ on, reports, at, scopes }: Compared): Promise<void> {
  const all = await dump(on)
  const { connections, ...counts } = await reports.health()
  expect(counts).toEqual(healthOf(all, at))
  expect(connections.active).toBeGreaterThanOrEqual(1)
  expect(connections.max).toBeGreaterThan(0)
  for (const scope of scopes) {
    expect(await reports.analytics(scope)).toEqual(analyticsOf(all, scope, at))
    const tasks = slowestTasksOf(all, scope)
    const steps = slowestStepsOf(all, scope)
    for (const limit of [1, 10, 100]) {
      expectSlowest(await reports.slowestTasks({ ...scope, limit }), tasks.slice(0, limit), tasks)
      expectSlowest(await reports.slowestSteps({ ...scope, limit }), steps.slice(0, limit), steps)
    }
  }
}

/** As long as expected, each with what is true of it; which of equally long ones are shown is not promised. */
function expectSlowest<Run extends { readonly durationMs: number }>(
  found: readonly Run[],
  expected: readonly Run[],
  all: readonly Run[],
): void {
  expect(found.map(({ durationMs }) => durationMs)).toEqual(
    expected.map(({ durationMs }) => durationMs),
  )
  expect(new Set(found.map((run) => JSON.stringify(run))).size).toBe(found.length)
  for (const run of found)
    expect(all.filter(({ durationMs }) => durationMs === run.durationMs)).toContainEqual(run)
}
