// The store in memory: what it forgets, and that it stays within its bound.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryStore } from '../../src/cache/memory-store.ts'
import { testClock } from '../../src/testing/index.ts'
import { runs } from '../properties/runs.ts'

test('a text is kept for its time, and not longer', async () => {
  const clock = testClock()
  const store = new MemoryStore({ clock })
  await store.set('a', 'text', 1_000)
  await clock.advance(999)
  expect(await store.get('a')).toBe('text')
  await clock.advance(1)
  expect(await store.get('a')).toBeNull()
  expect(store.bytes).toBe(0)
})

test('what was not asked for the longest goes first', async () => {
  const store = new MemoryStore({ bytesMax: 1_000 })
  for (const key of ['a', 'b', 'c']) await store.set(key, 'x'.repeat(50), 1_000)
  await store.get('a')
  await store.set('d', 'x'.repeat(50), 1_000)
  const kept = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.get(key)))
  expect(kept.map((text) => text !== null)).toEqual([true, false, true, true])
})

test('a text that alone is too large is not kept, and what stood in its place is gone', async () => {
  const store = new MemoryStore({ bytesMax: 1_000 })
  await store.set('a', 'old', 1_000)
  await store.set('a', 'x'.repeat(1_000), 1_000)
  expect(await store.get('a')).toBeNull()
})

test('whatever is kept, asked for and outlived, it stays within its bound and knows its size', async () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const act = fc.oneof(
    fc.record({ key, size: fc.nat(600), ttlMs: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ key }),
    fc.record({ ms: fc.nat(60) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const clock = testClock()
      const store = new MemoryStore({ bytesMax: 2_000, clock })
      const latest = new Map<string, { text: string; endsMs: number }>()
      for (const each of acts) {
        let right: readonly (string | null)[] = [null]
        let read: string | null = null
        if ('ms' in each) await clock.advance(each.ms)
        else if ('size' in each) {
          const text = String(each.size).padEnd(each.size, 'x')
          latest.set(each.key, { text, endsMs: clock.monotonicMs() + each.ttlMs })
          await store.set(each.key, text, each.ttlMs)
        } else {
          read = await store.get(each.key)
          const last = latest.get(each.key)
          const isFresh = last !== undefined && last.endsMs > clock.monotonicMs()
          if (isFresh) right = [null, last.text] // it may have been forgotten earlier
        }
        expect(right).toContain(read)
        expect(store.bytes).toBeLessThanOrEqual(2_000)
      }
      await clock.advance(1_000)
      for (const each of latest.keys()) await store.get(each)
      expect(store.bytes).toBe(0)
    }),
    runs(200),
  )
})
