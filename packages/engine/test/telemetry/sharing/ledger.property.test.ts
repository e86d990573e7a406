// Whatever the order of steps, and whoever dies between which two of them: what was written is never lost, nothing counts
// twice, and the sum never falls.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../../properties/runs.ts'
import { lockMs, valueOf, World, type SharingProcess } from './interleaving.ts'

/** What a process that counts nothing itself reads, and what it must at least and at most be. */
class Reader {
  readonly #world: World
  readonly #process: SharingProcess
  #leastEver = 0

  constructor(world: World) {
    this.#world = world
    this.#process = world.start()
    this.#process.timers = []
  }

  async read(order: (world: World) => Promise<boolean>): Promise<void> {
    const least = Math.max(
      this.#leastEver,
      this.#world.processes.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    )
    const answer: { read: number | null } = { read: null }
    const reading = this.#process.ledger.read().then(({ starts, retired }) => {
      answer.read =
        starts.reduce((sum, { snapshot }) => sum + valueOf(snapshot.totals), 0) +
        valueOf(retired.totals)
    })
    this.#process.follow(reading)
    await this.#world.settled()
    while (answer.read === null) {
      const own = this.#world.steps.find(({ process }) => process === this.#process)
      if (own !== undefined && !(await order(this.#world))) await this.#world.take(own)
      else await this.#world.settled()
    }
    const value = answer.read
    const most = this.#world.processes.reduce((sum, one) => sum + one.value, 0)
    if (value < least || value > most)
      throw new Error(`read ${value}, which is not between ${least} and ${most}`)
    this.#leastEver = value
  }

  get process(): SharingProcess {
    return this.#process
  }
}

/** What happens next, by a number. False: nothing could. */
async function happen(world: World, reader: SharingProcess, chance: number): Promise<boolean> {
  const others = world.live.filter((one) => one !== reader)
  const one = others[chance % Math.max(1, others.length)]
  // Who is closed goes on until what it counted last is written.
  const all = world.processes.filter((each) => each !== reader && !each.isDead)
  const any = all[chance % Math.max(1, all.length)]
  const steps = world.steps.filter(({ process }) => process !== reader)
  const step = steps[chance % Math.max(1, steps.length)]
  const kind = (chance >>> 8) % 32
  if (kind < 18 && step !== undefined) {
    await world.take(step)
    return true
  }
  if (kind < 22 && any !== undefined) {
    any.value += 1 + (chance % 5)
    any.fire(0)
    await world.settled()
    return true
  }
  if (kind === 22 && any !== undefined) {
    world.loseLock(any, chance)
    await world.settled()
  } else if (kind === 23 && step !== undefined) await world.take(step, 'fail')
  else if (kind === 24 && step !== undefined) await world.take(step, 'doneAndFail')
  else if (kind === 25 && others.length < 4) world.start()
  else if (kind === 26 && one !== undefined && others.length > 1) world.kill(one)
  else if (kind === 27 && one !== undefined) {
    one.close()
    await world.settled()
  } else if (kind === 28) {
    // What all share is overwritten by somebody else, or forgotten.
    const key = chance % 2 === 0 ? 'metrics/starts' : 'metrics/retired'
    if (chance % 3 === 0) world.entries.delete(key)
    else world.entries.set(key, 'garbage')
  } else {
    const signs = [...world.entries.keys()].filter((key) => key.startsWith('metrics/life/'))
    world.entries.delete(signs[chance % Math.max(1, signs.length)] ?? '')
  }
  return true
}

test('the sum of all processes is never lost, never twice, and never falls', async () => {
  const { numRuns, seed } = runs(60)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(0x1f_ff_ff), { minLength: 40, maxLength: 160, size: 'max' }),
      async (chances) => {
        const world = new World()
        const reader = new Reader(world)
        world.start()
        world.start()
        for (const [index, chance] of chances.entries()) {
          if (index % 16 !== 15) await happen(world, reader.process, chance)
          else {
            let left = chance % 100
            const seldom = 2 + ((chance >>> 7) % 16)
            await reader.read(async () => {
              left -= 1
              const next = Math.imul(chance + left, 0x9e37_79b1) >>> 0
              if (left < 0 || (next >>> 16) % seldom === 0) return false
              return happen(world, reader.process, next)
            })
          }
        }
        await world.drain()
        const last = world.live.filter((one) => one !== reader.process)
        for (const one of last) one.close()
        // Who has to wait for a lock tries again when its time has come.
        for (let round = 0; round < 12; round += 1) {
          await world.drain()
          for (const one of world.processes) one.fire(0)
        }
        await world.drain()
        await reader.read(async () => false)
        // Who stops while the store answers loses nothing.
        expect(last.map(({ acknowledged }) => acknowledged)).toEqual(last.map((one) => one.value))
      },
    ),
    { numRuns, seed },
  )
})

test('who loses the lock of a start while he retires it writes no more', async () => {
  const world = new World()
  const [one, sweeper] = [world.start(), world.start()]
  const sync = async (value: number): Promise<void> => {
    one.value = value
    one.follow(one.share.sync())
    await world.settled()
    for (let step = stepOf(one); step !== undefined; step = stepOf(one)) await world.take(step)
  }
  const stepOf = (process: SharingProcess) => world.steps.find((step) => step.process === process)
  await sync(5)
  world.entries.delete('metrics/life/p0')
  sweeper.follow(sweeper.ledger.sweep().catch(() => undefined))
  await world.settled()
  const locks = (): number => sweeper.timers.filter(({ delayMs }) => delayMs === lockMs).length
  // The list, the start; then whether it lives, and what it wrote.
  for (let left = 2; left > 0;) {
    const step = stepOf(sweeper)
    if (step === undefined) throw new Error('the sweeper has come to its end')
    if (locks() === 2) left -= 1
    await world.take(step)
  }
  world.loseLock(sweeper, 1)
  await sync(8)
  await world.drain()
  await sync(9)
  const reader = world.start()
  const reading = reader.ledger.read()
  reader.follow(reading)
  await world.drain()
  const { starts, retired } = await reading
  const totals = [...starts.map(({ snapshot }) => snapshot.totals), retired.totals]
  expect(totals.reduce((sum, each) => sum + valueOf(each), 0)).toBe(9)
})
