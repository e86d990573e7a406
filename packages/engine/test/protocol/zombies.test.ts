// M11 (f): a worker that was frozen or cut off leaves the transactions of its steps open, and what their handlers locked with
// them. Whoever takes the steps over ends exactly these sessions.
import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import { encodeOutcomes } from '../../src/database/steps.ts'
import { beginStepTransaction } from '../../src/database/transaction-steps.ts'
import { newCallId } from '../../src/ids.ts'
import { checkInvariants } from './invariants.ts'
import { start, waitsForLock } from './interleave.ts'
import { labsOfFile, outcomeOf, type Connection, type Lab, type StepRef } from './lab.ts'
import { overdue, rescue, stepOf } from './overdue.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

/** The transaction of an attempt whose handler has locked a row of the host's own table. */
async function openTransaction(lab: Lab, attempt: StepRef) {
  const database = connect({
    ...lab.eye.database.options,
    url: lab.url,
    applicationName: 'zombie',
    connectTimeoutMs: 10_000,
    preparedStatements: true,
  })
  onTestFinished(() => database.close())
  const { signal } = new AbortController()
  const transaction = await beginStepTransaction(database, { attempt, timeoutMs: 600_000, signal })
  onTestFinished(() => transaction.rollback())
  return transaction
}

const lockAccount = 'select 1 from accounts where id = 1 for update'

/** A worker that is overdue, in the middle of its handler; and a table of the host's own. */
async function zombie(lab: Lab) {
  await lab.eye.query('create table if not exists accounts (id integer primary key)')
  await lab.eye.query('insert into accounts values (1) on conflict do nothing')
  const found = await overdue(lab)
  const transaction = await openTransaction(lab, found.a)
  await transaction.client.query(lockAccount)
  return { ...found, transaction }
}

/** Whether the next attempt of the step would have to wait for what the zombie's handler locked. */
async function mustWait(lab: Lab): Promise<boolean> {
  const next = await lab.connect()
  const call = start(next, () => next.query(lockAccount))
  const isWaiting = await waitsForLock(lab, call)
  if (isWaiting) await lab.eye.query('select pg_cancel_backend($1)', [next.pid])
  await call.ending
  return isWaiting
}

/** As who may do everything with the tables but end nobody’s session. */
async function asOrdinaryRole(lab: Lab, on: Connection): Promise<void> {
  const role = `ordinary_${randomUUID().slice(0, 8)}`
  await lab.eye.query(`create role ${role}`)
  onTestFinished(async () => {
    await lab.eye.query(`drop owned by ${role}`)
    await lab.eye.query(`drop role ${role}`)
  })
  await lab.eye.query(`grant usage on schema tasker to ${role}`)
  await lab.eye.query(
    `grant select, insert, update, delete on all tables in schema tasker to ${role}`,
  )
  await on.query(`set role ${role}`)
}

test('what the handler of a lost worker had locked is free when its step is taken over', async () => {
  const lab = await openLab()
  const { rescuer, taskId, transaction } = await zombie(lab)
  const reply = await rescue(lab, rescuer)
  expect(reply.zombies).toEqual({ ended: 1, remaining: 0 })
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
  expect(await mustWait(lab)).toBe(false)
  await expect(transaction.client.query('select 1')).rejects.toThrow()
  expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
})

test('and would otherwise stay locked until the limits of that session end it', async () => {
  const lab = await openLab()
  await withoutRule(lab, 'rescue_steps', (sql) =>
    replaceOnce(sql, 'from tasker.end_zombies(v_outcomes) z', `from tasker.end_zombies('[]') z`),
  )
  const { rescuer } = await zombie(lab)
  expect((await rescue(lab, rescuer)).zombies).toBeNull()
  expect(await mustWait(lab)).toBe(true)
})

test('a step whose worker froze between recording and committing is taken over by the same scan', async () => {
  const lab = await openLab()
  const { dead, rescuer, taskId, a, transaction } = await zombie(lab)
  await transaction.client.query(
    `select tasker.finish_steps($1, $2, $3::jsonb, true, 0, '{}', true, '{}', 'worker:1', 5, 0)`,
    [dead, newCallId(), encodeOutcomes([outcomeOf(a)])],
  )
  const reply = await rescue(lab, rescuer)
  expect(reply.zombies).toEqual({ ended: 1, remaining: 0 })
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
})

test('nobody else is ended: no other attempt, and no session that has served the attempt and gone on', async () => {
  const lab = await openLab()
  const { definition, rescuer, a } = await overdue(lab)
  const live = await lab.worker([definition])
  await lab.create(definition)
  const { claims } = await lab.claim(live, [definition])
  const others = await Promise.all(
    [...claims, { ...a, claimNo: 2 }, { ...a, stepNo: 2 }].map((attempt) =>
      openTransaction(lab, attempt),
    ),
  )
  const before = await openTransaction(lab, a)
  await before.rollback()
  expect(await rescue(lab, rescuer)).toMatchObject({ zombies: null })
  for (const { client } of others) expect(await client.query('select 1')).toBeDefined()
})

test('a role that may not end it says so; the step is taken over all the same', async () => {
  const lab = await openLab()
  const { rescuer, taskId } = await zombie(lab)
  const rescuing = await lab.connect()
  await asOrdinaryRole(lab, rescuing)
  const reply = await rescue(lab, rescuer, { on: rescuing })
  expect(reply.zombies).toEqual({ ended: 0, remaining: 1 })
  expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1 })
  expect(await mustWait(lab)).toBe(true)
})
