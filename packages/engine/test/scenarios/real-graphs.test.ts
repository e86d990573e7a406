// Graphs of real workflows, up to 310 steps: every one completes, and no step starts before its parents have ended.
import { expect, test } from 'vitest'
import { defineShape } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { readRealGraphs } from '../support/real-graphs.ts'
import { recordCalls } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test.each(readRealGraphs(310))(
  '$name completes in the order of its graph',
  async ({ name, steps }) => {
    const ended = new Set<string>()
    const early: string[] = []
    const parents = new Map(steps.map((step) => [step.name, step.dependsOn]))
    const calls = recordCalls((step) => async () => {
      if (!(parents.get(step) ?? []).every((parent) => ended.has(parent))) early.push(step)
      ended.add(step)
      return { step }
    })
    const definition = defineShape(
      { namespace: 'real', name: name.slice(0, 64), version: '0.1.0', steps },
      calls.handlerOf,
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const task = await run(taskId)
    expect(task.state).toBe('complete')
    expect(task.execution.completedSteps).toBe(steps.length)
    expect(calls.started.toSorted()).toEqual(steps.map((step) => step.name).toSorted()) // each once
    expect(early).toEqual([])
  },
)
