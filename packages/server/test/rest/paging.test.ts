// Paging, as a property: whoever walks a list from page to page sees every task that was there exactly once, in order, in
// either direction and with any page size, while others create more.
import { defineTask } from '@tasker/engine'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checked } from '../support/checked.ts'
import { servedForFile } from '../support/served.ts'

const paged = defineTask({ name: 'paged', namespace: 'pages' }).step('only', async () => null)
const served = servedForFile(() => ({ definitions: [paged] }))

const createSome = async (count: number): Promise<readonly string[]> => {
  const one = { definition: paged, context: {} }
  const made = await served.tasker.tasks.createMany(Array.from({ length: count }, () => one))
  return made.map(({ taskId }) => taskId)
}

test('every task is on exactly one page, in order, whatever is created meanwhile', async () => {
  const known: string[] = [...(await createSome(9))]
  const walk = fc.record({
    order: fc.constantFrom('asc', 'desc'),
    limit: fc.integer({ min: 1, max: 7 }),
    createdBetween: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 }),
    condition: fc.constantFrom('', '&initiator=unknown', '&status=pending&namespace=pages'),
  })
  await fc.assert(
    fc.asyncProperty(walk, async ({ order, limit, createdBetween, condition }) => {
      const before = new Set(known)
      const seen: string[] = []
      let path = `/tasks?sort_order=${order}&limit=${limit}${condition}`
      for (let pages = 0; path !== ''; pages += 1) {
        const { json, headers } = await checked(served, 'GET', path)
        const tasks = json['tasks'] as readonly { readonly task_id: string }[]
        seen.push(...tasks.map(({ task_id: id }) => id))
        const link = /<\/tasker(.*)>; rel="next"/.exec(headers.get('link') ?? '')
        path = link?.[1] ?? ''
        const created = await createSome(createdBetween[pages] ?? 0)
        known.push(...created)
      }
      expect(new Set(seen).size, 'none twice').toBe(seen.length)
      const sorted = seen.toSorted()
      expect(seen, 'in order').toEqual(order === 'asc' ? sorted : sorted.toReversed())
      expect(seen.filter((id) => before.has(id)).toSorted()).toEqual([...before].toSorted())
    }),
    { numRuns: 15 },
  )
})
