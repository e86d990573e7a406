// The test kit itself: a clock that stands still, timers in order, a record of events.
import { describe, expect, test } from 'vitest'
import { createEventBus } from '../../src/events/bus.ts'
import { recordEvents, testClock } from '../../src/testing/index.ts'

describe('the test clock', () => {
  test('stands still until it is moved, and never goes back', async () => {
    const clock = testClock('2031-02-03T04:05:06.007Z')
    expect(clock.databaseNow()).toEqual(new Date('2031-02-03T04:05:06.007Z'))
    await clock.advance(1_500)
    expect([clock.now().toISOString(), clock.monotonicMs()]).toEqual([
      '2031-02-03T04:05:07.507Z',
      1_500,
    ])
    await clock.advanceTo(new Date(0))
    expect(clock.monotonicMs()).toBe(1_500)
  })

  test('fires timers in the order of their times, each at its own time, equal ones as scheduled', async () => {
    const clock = testClock()
    const fired: [string, number][] = []
    const note = (name: string) => () => void fired.push([name, clock.monotonicMs()])
    clock.schedule(30, note('late'))
    clock.schedule(10, note('early'))
    clock.schedule(30, note('late too'))
    clock.schedule(40, note('after'))
    await clock.advance(30)
    expect(fired).toEqual([
      ['early', 10],
      ['late', 30],
      ['late too', 30],
    ])
  })

  test('fires what a timer schedules on the way, and waits for what it starts', async () => {
    const clock = testClock()
    const fired: number[] = []
    const repeat = async (): Promise<void> => {
      await Promise.resolve()
      fired.push(clock.monotonicMs())
      clock.schedule(10, repeat)
    }
    clock.schedule(10, repeat)
    await clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
    expect(clock.monotonicMs()).toBe(35)
  })

  test('a timer that was called off does not fire; one without delay needs no time', async () => {
    const clock = testClock()
    const fired: string[] = []
    const callOff = clock.schedule(5, () => fired.push('called off'))
    const callOffNow = clock.schedule(0, () => fired.push('called off at once'))
    clock.schedule(0, () => fired.push('now'))
    callOff()
    callOffNow()
    await Promise.resolve()
    await clock.advance(5)
    expect(fired).toEqual(['now'])
  })

  test('a start that is no date is refused', () => {
    expect(() => testClock('tomorrow')).toThrow(RangeError)
  })
})

test('the record keeps events in order and finds those that were and those that come', async () => {
  const bus = createEventBus(() => undefined)
  const record = recordEvents(bus)
  const state = (workerId: number) => ({ workerId, state: 'live' as const })
  bus.publish('worker.state_changed', state(1))
  const coming = record.until('worker.state_changed', ({ workerId }) => workerId === 2)
  expect(await record.until('worker.state_changed')).toEqual(state(1))
  bus.publish('worker.state_changed', state(2))
  expect(await coming).toEqual(state(2))
  record.stop()
  bus.publish('worker.state_changed', state(3))
  expect(record.of('worker.state_changed')).toEqual([state(1), state(2)])
  expect(record.all.map(({ name }) => name)).toEqual([
    'worker.state_changed',
    'worker.state_changed',
  ])
})
