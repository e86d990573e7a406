// Which lanes a worker looks into, call by call, when it serves more of them than one call may probe.
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { readReply, type FinishReply } from '../../src/database/finish-reply.ts'
import { Lanes } from '../../src/dispatch/lanes.ts'
import type { DefinitionId } from '../../src/ids.ts'

const { orchestration } = resolveConfig({ code: {}, env: {} }).config
const idle: FinishReply = { ...readReply([]), idle: { nextDueMs: null } }
const next = (lanes: Lanes) => lanes.next(9, 0, [])

test('a wake-up that comes while a call is under way is followed by a look into every lane, also those of that call', () => {
  const served = [1, 2, 3] as DefinitionId[]
  const lanes = new Lanes(served, { ...orchestration, lanesPerCall: 1 })
  const underWay = next(lanes)
  lanes.woken()
  let isClaimingAgain = lanes.probed(underWay, idle).isClaimingAgain
  const seen: number[] = []
  while (isClaimingAgain) {
    const call = next(lanes)
    seen.push(...call.lanes)
    isClaimingAgain = lanes.probed(call, idle).isClaimingAgain
  }
  expect(new Set(seen)).toEqual(new Set(served))
})

test('what others hold, and what a full look may have left, is looked for again', () => {
  const lanes = new Lanes([1] as DefinitionId[], orchestration)
  const answers: readonly FinishReply['idle'][] = [{ nextDueMs: null }, { nextDueMs: 0 }, null]
  const mayBeDue = answers.map((answer) => {
    lanes.probed(next(lanes), { ...idle, idle: answer })
    return next(lanes).mayBeDue
  })
  expect(mayBeDue).toEqual([false, true, true])
})
