// What is written to a stream of events, and what becomes of a reader that does not read.
import { systemClock } from '@tasker/engine'
import { expect, it } from 'vitest'
import { eventStream } from '../src/live/event-stream.ts'
import type { Told } from '../src/live/watch.ts'
import { readSource } from './support/event-source.ts'

const parts = { clock: systemClock, stallMs: 50, problemOf: () => null }

it('stops asking for events while its reader takes none, and cuts it in the end', async () => {
  let askedCount = 0
  async function* endless(): AsyncGenerator<Told, void, undefined> {
    for (;;) {
      askedCount += 1
      yield { event: { event: 'step.completed', text: 'x'.repeat(1_000) }, cursor: `${askedCount}` }
    }
  }
  const end = new AbortController()
  const body = eventStream(endless(), { ...parts, end })
  await new Promise((resolve) => end.signal.addEventListener('abort', resolve))
  expect(askedCount).toBeLessThan(70)
  await expect(new Response(body).text()).rejects.toThrow('took nothing for too long')
})

it('gives an event no id while the place is too long for a header', async () => {
  async function* places(): AsyncGenerator<Told, void, undefined> {
    for (const cursor of ['a', 'b'.repeat(5_000), 'c'])
      yield { event: { event: 'task.completed', cursor: cursor.length }, cursor }
  }
  const body = eventStream(places(), { ...parts, end: new AbortController() })
  const events = await readSource(new Response(body)).events(3)
  expect(events.map(({ id }) => id)).toEqual(['a', null, 'c'])
})
