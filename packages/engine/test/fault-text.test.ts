// What went wrong, in a text that goes on with something else.
import { expect, test } from 'vitest'
import { TaskerError } from '../src/errors.ts'
import { faultText } from '../src/fault-text.ts'

test('a fault in the middle of a text has neither its remedy nor its full stop', () => {
  const away = new TaskerError('CACHE_UNAVAILABLE', 'The cache store (RedisStore) fails: no route.')
  expect(faultText(away)).toBe('The cache store (RedisStore) fails: no route')
  expect(faultText(new Error('out of memory.'))).toBe('out of memory')
  expect(faultText('nothing')).toBe('nothing')
})
