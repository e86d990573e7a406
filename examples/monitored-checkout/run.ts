// Runs one monitored checkout in this process, where its events occur, and prints what the subscribers have seen.
// `node --conditions=@tasker/source examples/monitored-checkout/run.ts [fault]`
import { createTasker } from '@tasker/engine'
import { addressesOf, faultOf, startSystems } from '../example.ts'
import { exampleSettings } from '../settings.ts'
import { monitoredCheckout } from './example.ts'
import { Observations } from './observations.ts'
import sample from './sample-checkout.json' with { type: 'json' }
import { watchCheckouts } from './watch.ts'

const systems = monitoredCheckout.systems()
await startSystems(systems)
const [, , asked] = process.argv
if (asked !== undefined) faultOf(monitoredCheckout, asked).inject?.(systems)

const { monitoredCheckout: definition } = await monitoredCheckout.define(addressesOf(systems))
const tasker = await createTasker({
  database: process.env['DATABASE_URL'],
  definitions: [definition],
  ...exampleSettings,
})
const seen = new Observations()
const watching = watchCheckouts(tasker, seen)
await tasker.worker.start()
const context = { ...sample, customer_tier: 'standard' as const }
const { taskId } = await tasker.tasks.create(definition, { context })
const { state } = await tasker.tasks.waitFor(taskId)
await tasker.worker.stop() // by now everything has been told
await watching.settled()
await tasker.close()

console.log(`The checkout is ${state}.`)
for (const { kind, name, value, tags } of seen.measures) {
  console.log(`${kind.padEnd(9)} ${name} ${value} ${JSON.stringify(tags)}`)
}
for (const { level, text } of seen.messages) console.log(`${level.padEnd(9)} ${text}`)
