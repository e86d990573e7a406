// One worker process of the harness: a real Tasker with a real worker, or several, whose cast plays the handlers. Started by
// worker-handle.ts; its one argument is a WorkerSettings as JSON. It ends when the harness does.
import { getHeapStatistics } from 'node:v8'
import {
  createTasker,
  type EventName,
  type JsonObject,
  type Logger,
  type Tasker,
} from '@tasker/engine'
import type { MakeCast } from './cast.ts'
import { Ledger } from './ledger.ts'
import { watchStatements } from './statements.ts'
import type { WorkerMessage, WorkerOrder, WorkerSettings } from './worker-settings.ts'

/** Rare ones, which a scenario waits for or counts. */
const toldEvents: readonly EventName[] = ['step.outcome_refused', 'worker.state_changed']

// The harness wrote it: worker-handle.ts.
const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings
const send = (message: WorkerMessage): void => {
  if (process.connected) process.send?.(message)
}
process.once('disconnect', () => process.exit(1))
if (settings.clockSkewMs !== 0) skewDate(settings.clockSkewMs)
const tell =
  (level: 'info' | 'warn' | 'error'): Logger['info'] =>
  (fields, message) =>
    send({ kind: 'log', level, text: `${message} ${JSON.stringify(fields)}` })
const logger: Logger = {
  debug: () => undefined,
  info: tell('info'),
  warn: tell('warn'),
  error: tell('error'),
}
await main()

async function main(): Promise<void> {
  const ledger = new Ledger(settings.ledgerUrl, settings.name)
  // A module of casts/, each of which exports this.
  const { makeCast } = (await import(settings.cast)) as { readonly makeCast: MakeCast }
  const { definitions, watch } = makeCast({
    name: settings.name,
    options: settings.castOptions,
    ledger,
    say: (what, about = {}) => send({ kind: 'said', what, about }),
  })
  const statements = new Map<string, number>()
  watchStatements({
    ...watch,
    before(statement) {
      statements.set(statement.name, (statements.get(statement.name) ?? 0) + 1)
      watch?.before?.(statement)
    },
  })
  const { database, ...options } = settings.options
  const taskers = await Promise.all(
    Array.from({ length: settings.workers }, () =>
      createTasker({
        ...options,
        database: { migrate: 'off', ...database, url: settings.databaseUrl },
        definitions,
        logger,
      }),
    ),
  )
  for (const { events } of taskers) {
    for (const name of toldEvents) {
      // Payloads hold ids, words, numbers and dates, which the channel writes as text.
      events.on(name, (payload) =>
        send({ kind: 'event', name, payload: payload as unknown as JsonObject }),
      )
    }
  }
  process.on('message', (order: WorkerOrder) => void obey(order, taskers, statements))
  await Promise.all(taskers.map(({ worker }) => worker.start()))
  send({ kind: 'ready' })
}

async function obey(
  order: WorkerOrder,
  taskers: readonly Tasker[],
  statements: ReadonlyMap<string, number>,
): Promise<void> {
  switch (order.kind) {
    case 'stop':
      await Promise.all(
        taskers.map(async (tasker) => {
          await tasker.worker.stop(order)
          await tasker.close()
        }),
      )
      process.exit(0)
      break
    case 'measure': {
      await globalThis.gc?.({ execution: 'async' })
      const { rss, heapUsed, external } = process.memoryUsage()
      const measures = {
        rssBytes: rss,
        heapBytes: heapUsed,
        externalBytes: external,
        outsideBytes: rss - getHeapStatistics().total_physical_size,
        runningSteps: taskers.reduce((sum, { worker }) => sum + worker.runningCount, 0),
        statements: Object.fromEntries(statements),
      }
      send({ kind: 'measured', id: order.id, measures })
      break
    }
    default:
      order satisfies never
  }
}

/** The whole process lives at another time: what libfaketime does, for everything written in JavaScript. */
function skewDate(skewMs: number): void {
  const RealDate = Date
  class SkewedDate extends RealDate {
    constructor(...given: readonly unknown[]) {
      // The same arguments as the real one's; without any it is now.
      super(...((given.length === 0 ? [RealDate.now() + skewMs] : given) as [number]))
    }

    static override now(): number {
      return RealDate.now() + skewMs
    }
  }
  Object.assign(globalThis, { Date: SkewedDate })
}
