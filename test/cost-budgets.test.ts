// A budget that cannot fail guards nothing: each is shown figures beyond it.
import { expect, test } from 'vitest'
import { budgets, exceededBudgets } from '../tools/cost-budgets.ts'

const kept = Object.fromEntries(budgets.map(({ figure, bound }) => [figure, bound]))

test('figures at their bounds are within the budgets', () => {
  expect(exceededBudgets(kept)).toEqual([])
})

test.for(budgets)('$figure beyond its bound is told', ({ figure, must, bound }) => {
  const beyond = must === 'reach' ? bound - 0.01 : bound + 0.01
  expect(exceededBudgets({ ...kept, [figure]: beyond })).toEqual([
    `${figure} is ${beyond}; it must ${must} ${bound}`,
  ])
  expect(exceededBudgets({ ...kept, [figure]: Number.NaN })).toHaveLength(1)
  expect(exceededBudgets({ ...kept, [figure]: undefined })).toHaveLength(1)
})
