// Cases of the suite for cache stores: what is put in comes out as it was, under its key alone.
import { equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { TaskerError } from '../../errors.ts'
import { claims, keeps, longMs, methodOf, newKey, type CacheStoreCase } from './store-case.ts'

const texts: readonly string[] = [
  '',
  ' ',
  'null',
  '007',
  '{"a":[1,2.50,"x"]}',
  'line\nline\r\nend\n',
  'a\0b\u0001\u007f',
  'quote " \' ` \\ % $1 {0}',
  'äöü ß ñ é e\u0301',
  '日本語 العربية עברית',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  '\ufeff\ufffd\u2028',
  '~z~t~',
]

/** Of several bytes and characters; those that differ in one place are two. */
const keyNames: readonly string[] = [
  'a b\tc\nd\r\n',
  'ключ/🔑/鍵',
  '../../etc/passwd',
  'CON',
  'case',
  'Case',
  '%41*?"<>|',
  'a:b',
  'a/b',
  `${'long'.repeat(2_000)}1`,
  `${'long'.repeat(2_000)}2`,
]

const methodsOf = {
  atomicIncrement: ['increment'],
  locking: ['acquire', 'renew', 'release'],
  ttlInspection: ['remainingMs'],
} as const

export const keepingCases: readonly CacheStoreCase[] = [
  {
    name: 'has the methods of what it claims, and all of those for locks or none',
    isMeantFor: () => true,
    async run(store) {
      for (const name of ['atomicIncrement', 'locking', 'ttlInspection'] as const) {
        if (claims(store, name)) for (const method of methodsOf[name]) methodOf(store, method)
      }
      const locking = methodsOf.locking.filter((method) => store[method] !== undefined)
      ok(
        locking.length === 0 || locking.length === 3,
        `of the methods for locks: ${locking.join()}`,
      )
    },
  },
  {
    name: 'has nothing under a key that nobody used, and deletes it harmlessly',
    isMeantFor: () => true,
    async run(store) {
      const key = newKey()
      equal(await store.get(key), null)
      await store.delete(key)
      equal(await store.get(key), null)
      if (store.remainingMs !== undefined) equal(await store.remainingMs(key), null)
      if (store.extend !== undefined) equal(await store.extend(key, longMs), false)
    },
  },
  {
    name: 'takes a text harmlessly where it keeps none',
    isMeantFor: (store) => !keeps(store),
    async run(store) {
      await store.set(newKey(), 'text', longMs)
      equal(await store.get(newKey()), null)
    },
  },
  {
    name: 'gives every text back as it was',
    isMeantFor: keeps,
    async run(store) {
      const base = newKey('text')
      await Promise.all(texts.map(async (text, no) => store.set(`${base}${no}`, text, longMs)))
      const read = await Promise.all(texts.map(async (_text, no) => store.get(`${base}${no}`)))
      for (const [no, text] of texts.entries()) equal(read[no], text)
    },
  },
  {
    name: 'takes every key, and no two for one',
    isMeantFor: keeps,
    async run(store) {
      const keys = keyNames.map(newKey)
      await Promise.all(keys.map(async (key, no) => store.set(key, String(no), longMs)))
      const read = await Promise.all(keys.map(async (key) => store.get(key)))
      for (const no of keys.keys()) equal(read[no], String(no), `key ${keyNames[no]?.slice(0, 20)}`)
    },
  },
  {
    name: 'has the latest text that was set, and none after it was deleted',
    isMeantFor: keeps,
    async run(store) {
      const key = newKey()
      for (const text of ['long, longer, longest', 'short', '']) {
        await store.set(key, text, longMs)
        equal(await store.get(key), text)
      }
      await store.delete(key)
      equal(await store.get(key), null)
    },
  },
  {
    name: 'keeps a text of 900,000 bytes, easily compressed or not at all',
    isMeantFor: keeps,
    async run(store) {
      for (const text of [randomText(900_000), 'ü'.repeat(450_000)]) {
        const key = newKey('large')
        await store.set(key, text, longMs)
        ok((await store.get(key)) === text, 'a large text came back changed, or not at all')
      }
    },
  },
  {
    name: 'forgets a text that is too large, or refuses it as such, and the one before it is gone',
    isMeantFor: keeps,
    async run(store) {
      const key = newKey('too-large')
      const text = randomText(3_000_000)
      await store.set(key, 'before', longMs)
      await store.set(key, text, longMs).catch(mustRefuse)
      const kept = await store.get(key)
      ok(kept === null || kept === text, 'neither the text nor nothing')
    },
  },
  {
    name: 'keeps one whole text of those that are set at the same time',
    isMeantFor: keeps,
    async run(store) {
      const key = newKey()
      const rivals = Array.from({ length: 20 }, (_, no) =>
        String.fromCharCode(97 + no).repeat(5_000),
      )
      await Promise.all(rivals.map(async (text) => store.set(key, text, longMs)))
      const kept = await store.get(key)
      ok(kept !== null && rivals.includes(kept), 'a mixture of texts')
    },
  },
  {
    name: 'keeps the texts of namespaces apart',
    isMeantFor: (store) => claims(store, 'namespaceSupport'),
    async run(store, neighbour) {
      ok(neighbour, 'a store with namespaces is run with its neighbour')
      const key = newKey()
      await store.set(key, 'ours', longMs)
      equal(await neighbour.get(key), null)
      await neighbour.set(key, 'theirs', longMs)
      equal(await store.get(key), 'ours')
      await neighbour.delete(key)
      equal(await store.get(key), 'ours')
    },
  },
]

const randomText = (length: number): string =>
  randomBytes(length).toString('base64').slice(0, length)

/** What was asked is at fault, and not the store. */
export function mustRefuse(error: unknown): void {
  if (error instanceof TaskerError && error.category === 'invalid_input') return
  throw error
}
