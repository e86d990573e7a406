// Both state machines: the facts of engine specification §9.6 in this protocol's words, and the words of the tables.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import {
  isEnded,
  satisfiedStates,
  stepMoves,
  stepStates,
  taskMoves,
  taskStates,
} from '../../src/states.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()

test.each([
  ['pending', 'in_progress', true],
  ['pending', 'cancelled', true],
  ['pending', 'complete', true], // every step was bypassed
  ['in_progress', 'complete', true],
  ['in_progress', 'error', true],
  ['in_progress', 'cancelled', true],
  ['in_progress', 'pending', false], // a waiting task stays in progress: one due time replaces re-enqueueing
  ['error', 'in_progress', true], // revived by an operator
  ['error', 'resolved_manually', true],
  ['error', 'complete', false],
  ['complete', 'in_progress', false],
  ['complete', 'cancelled', false],
  ['cancelled', 'in_progress', false],
] as const)('a task may go from %s to %s: %j', (from, to, isAllowed) => {
  expect(taskMoves[from].includes(to)).toBe(isAllowed)
})

test.each([
  ['pending', 'in_progress', true],
  ['pending', 'cancelled', true],
  ['pending', 'resolved_manually', true],
  ['pending', 'skipped', true],
  ['pending', 'complete', false],
  ['pending', 'error', false],
  ['in_progress', 'complete', true],
  ['in_progress', 'error', true],
  ['in_progress', 'cancelled', true],
  ['in_progress', 'pending', true], // handed back, or waiting for a time
  ['in_progress', 'resolved_manually', true], // by hand; the late outcome is refused
  ['in_progress', 'skipped', true],
  ['error', 'pending', true],
  ['error', 'complete', false],
  ['complete', 'in_progress', false],
] as const)('a step may go from %s to %s: %j', (from, to, isAllowed) => {
  expect(stepMoves[from].includes(to)).toBe(isAllowed)
})

test('what satisfies a child is never left', () => {
  expect(satisfiedStates.flatMap((state) => stepMoves[state])).toEqual([])
})

test('of the ended states of a task only error can be left', () => {
  const left = taskStates.filter((state) => isEnded(state) && taskMoves[state].length > 0)
  expect(left).toEqual(['error'])
})

test.each([
  ['tasks', taskStates],
  ['workflow_steps', stepStates],
])('the table %s allows the states of this page and no others', async (table, states) => {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(async () => client.end())
  const { rows } = await client.query<{ rule: string }>(
    `select pg_get_constraintdef(oid) as rule from pg_constraint where conrelid = $1::regclass and conname like '%state_check'`,
    [`tasker.${table}`],
  )
  const named = [...(rows[0]?.rule ?? '').matchAll(/'(\w+)'/g)].map(([, word]) => word)
  expect(named.join(' ').split(' ').toSorted()).toEqual([...states].toSorted())
})
