// Rule 9, S9: losses have a limit of their own, suspects run apart, and one crash convicts the step that caused it, not its
// neighbours.
import { describe, expect, test } from 'vitest'
import { rescue, overdue, loseOnce, overMs, stepOf } from './overdue.ts'
import { checkInvariants } from './invariants.ts'
import { countOf, labsOfFile, outcomeOf, stepStatesOf, taskStateOf } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()

describe('a step whose workers die', () => {
  test('becomes a suspect after two losses, has a lane of its own, and is in error after five', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    const lanes = [definition, -definition]
    const seen = []
    for (let loss = 1; loss <= 5; loss += 1) {
      await loseOnce(lab, lanes, definition, rescuer)
      seen.push(await stepOf(lab, taskId))
    }
    const lost = { state: 'error', attempts: 0 }
    expect(seen).toEqual([
      { ...lost, losses: 1, claim_no: 1, lane: definition },
      { ...lost, losses: 2, claim_no: 2, lane: -definition },
      { ...lost, losses: 3, claim_no: 3, lane: -definition },
      { ...lost, losses: 4, claim_no: 4, lane: -definition },
      { ...lost, losses: 5, claim_no: 5, lane: null },
    ])
    expect(await taskStateOf(lab, taskId)).toBe('error')
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('spares the neighbours: they keep their whole budget', async () => {
    const lab = await openLab()
    const definition = await lab.define([
      ['a', []],
      ['b', []],
    ])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    await loseOnce(lab, [definition], definition, rescuer)
    await loseOnce(lab, [definition], definition, rescuer)
    // Both are suspects now. A worker that probes its ordinary lanes does not get them.
    expect((await lab.claim(rescuer, [definition], 10)).claims).toEqual([])
    const { claims } = await lab.claim(rescuer, [-definition], 1)
    expect(claims).toMatchObject([{ attempts: 1, losses: 2, retryLimit: 3 }])
    await lab.finish(
      rescuer,
      claims.map((step) => outcomeOf(step, { kind: 'failed', delayMs: 0 })),
    )
    const failed = `select count(*) from tasker.due where lane = -${definition}`
    expect(await countOf(lab, failed)).toBe(2) // a suspect's retry is a suspect's
    expect(await stepStatesOf(lab, taskId)).toEqual({ a: 'error', b: 'error' })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('without a limit of its own, one crashing neighbour spends everybody\u2019s retries', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(
        sql,
        `(e.kind in ('wait', 'release', 'lost'))::integer`,
        `(e.kind in ('wait', 'release'))::integer`,
      ),
    )
    const definition = await lab.define([['a', []]])
    const taskId = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    for (let loss = 1; loss <= 3; loss += 1) {
      await loseOnce(lab, [definition, -definition], definition, rescuer)
    }
    expect(await stepOf(lab, taskId)).toMatchObject({ attempts: 3, losses: 3 })
    const faults = (await checkInvariants(lab.eye.client, 'tasker')).join('\n')
    expect(faults).toContain('a budget that differs from the history')
  })

  test('is reported to the rescuer as a suspect that is due, and to the lowest live worker as its own', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    await lab.create(definition)
    const lowest = await lab.worker([definition])
    const second = await lab.worker([definition])
    const lanes = [definition, -definition]
    await loseOnce(lab, lanes, definition, lowest)
    expect((await rescue(lab, lowest)).suspects).toBeNull()
    await loseOnce(lab, lanes, definition, lowest)
    expect((await rescue(lab, lowest)).suspects).toMatchObject({ isLowest: true })
    expect((await rescue(lab, second)).suspects).toMatchObject({ isLowest: false })
  })

  test('goes to the end of the suspects, so that the innocent are not kept behind the culprit', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const culprit = await lab.create(definition)
    const innocent = await lab.create(definition)
    const rescuer = await lab.worker([definition])
    await loseOnce(lab, [definition], definition, rescuer)
    await loseOnce(lab, [definition], definition, rescuer)
    const dead = await lab.worker([definition], overMs)
    const first = await lab.claim(dead, [-definition])
    expect(first.claims.map(({ taskId }) => taskId)).toEqual([culprit])
    await rescue(lab, rescuer)
    const second = await lab.claim(rescuer, [-definition])
    expect(second.claims.map(({ taskId }) => taskId)).toEqual([innocent])
  })

  test('has waited, as a suspect, since it was lost: others may still have room for it', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    await lab.create(definition)
    const rescuer = await lab.worker([definition])
    await lab.eye.query(`update tasker.due set run_at = run_at - interval '1 hour'`)
    await loseOnce(lab, [definition], definition, rescuer)
    await loseOnce(lab, [definition], definition, rescuer)
    const { suspects } = await rescue(lab, rescuer)
    expect(suspects?.oldestMs).toBeLessThan(3_600_000)
  })

  test('is the concern of the lowest live worker that serves it, whoever serves something else', async () => {
    const lab = await openLab()
    const [suspected, other] = [await lab.define([['a', []]]), await lab.define([['b', []]])]
    await lab.create(suspected)
    const lowest = await lab.worker([other])
    const both = await lab.worker([suspected, other])
    await loseOnce(lab, [suspected], suspected, both)
    await loseOnce(lab, [suspected], suspected, both)
    expect((await rescue(lab, lowest)).suspects).toBeNull()
    expect((await rescue(lab, both)).suspects).toMatchObject({ isLowest: true })
  })

  test('and that may not be repeated is parked at the first loss', async () => {
    const lab = await openLab()
    const { taskId, rescuer } = await overdue(lab, false)
    const reply = await rescue(lab, rescuer)
    expect(reply.ended).toMatchObject([{ taskId, state: 'error' }])
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', losses: 1, lane: null })
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })

  test('and that may not be repeated would, treated like the others, run twice', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'finish_steps', (sql) =>
      replaceOnce(sql, 'and coalesce(g.retryable, true) and', 'and'),
    )
    const { taskId, definition, rescuer } = await overdue(lab, false)
    await rescue(lab, rescuer)
    expect(await stepOf(lab, taskId)).toMatchObject({ state: 'error', lane: definition })
  })
})
