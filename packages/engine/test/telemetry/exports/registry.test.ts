// Exporters by name: who is registered, who is refused and why, which of several is asked, and that none of them breaks
// anything, whatever it does.
import { describe, expect, test } from 'vitest'
import { createEventBus } from '../../../src/events/bus.ts'
import type { Exporter, MetricsSync } from '../../../src/telemetry/exports/exporter.ts'
import { ExporterRegistry } from '../../../src/telemetry/exports/registry.ts'
import { renderWith, runExporter } from '../../../src/telemetry/exports/run-exporter.ts'
import { testClock } from '../../../src/testing/index.ts'
import { dataOf, sample } from './rendered.ts'

interface Line {
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

function setup() {
  const clock = testClock()
  const bus = createEventBus(() => undefined)
  const events: unknown[] = []
  for (const name of [
    'plugin.registered',
    'plugin.unregistered',
    'plugin.validation_failed',
  ] as const)
    bus.on(name, (payload) => void events.push({ name, ...payload }), 'test')
  const lines: Line[] = []
  const write = (fields: Line['fields'], message: string): void =>
    void lines.push({ message, fields })
  const logger = { debug: write, info: write, warn: write, error: write }
  const registry = new ExporterRegistry({ bus, logger, clock })
  const running = { registry, clock, logger, timeoutMs: 120_000 }
  return { clock, events, lines, registry, running }
}

const byHost = { source: 'tasker.exports.register' } as const

const saying = (name: string, format: string, more: Partial<Exporter> = {}): Exporter => ({
  name,
  formats: [format],
  export: (data) => ({
    format,
    contentType: 'text/plain',
    body: name,
    metricsCount: data.families.length,
  }),
  ...more,
})
const failing = (name: string, format: string, reason: string): Exporter =>
  saying(name, format, {
    export() {
      throw new Error(reason)
    },
  })

class StatsdExporter implements Exporter {
  readonly formats = ['StatsD', 'statsd', 'dogstatsd']
  export(): null {
    return null
  }
}

describe('who is registered', () => {
  test('an exporter is named after its class, its formats are of any case, and it is told', () => {
    const { events, registry } = setup()
    registry.register(new StatsdExporter(), byHost)
    registry.register(saying('zeta', 'Json', { version: '2.0.0', description: 'Ours' }), byHost)
    expect(registry.formats()).toEqual(['dogstatsd', 'json', 'statsd'])
    expect(registry.of('STATSD')).toHaveLength(1)
    expect(registry.list()).toEqual([
      {
        name: 'statsd_exporter',
        version: '1.0.0',
        description: 'statsd_exporter telemetry exporter',
        className: 'StatsdExporter',
        formats: ['statsd', 'dogstatsd'],
        source: 'tasker.exports.register',
        registeredAt: expect.any(Date) as Date,
        runCount: 0,
        failureCount: 0,
        lastFault: null,
      },
      expect.objectContaining({
        name: 'zeta',
        version: '2.0.0',
        description: 'Ours',
        className: null,
      }),
    ])
    expect(events[0]).toEqual({
      name: 'plugin.registered',
      plugin: 'statsd_exporter',
      pluginClass: 'StatsdExporter',
      formats: ['statsd', 'dogstatsd'],
    })
  })

  test('a name is given once: both who have it and who want it are named, unless it is to be replaced', () => {
    const { events, registry } = setup()
    registry.register(new StatsdExporter(), { source: 'createTasker' })
    registry.register(saying('last', 'statsd'), byHost)
    const other = saying('statsd_exporter', 'statsd', { version: '3.0.0' })
    expect(() => registry.register(other, byHost)).toThrow(
      expect.objectContaining({
        code: 'EXPORTER_CONFLICT',
        message: expect.stringContaining(
          'The exporter name "statsd_exporter" is taken: StatsdExporter, version 1.0.0, from createTasker, has it, ' +
            'and an object, version 3.0.0, from tasker.exports.register, wants it.',
        ) as string,
      }),
    )
    registry.register(other, { ...byHost, replace: true })
    expect(registry.list().map(({ name, version }) => [name, version])).toEqual([
      ['statsd_exporter', '3.0.0'],
      ['last', '1.0.0'],
    ])
    expect([registry.unregister('statsd_exporter'), registry.unregister('nobody')]).toEqual([
      true,
      false,
    ])
    expect(events.map((event) => (event as { name: string }).name)).toEqual([
      'plugin.registered',
      'plugin.registered',
      'plugin.validation_failed',
      'plugin.unregistered',
      'plugin.registered',
      'plugin.unregistered',
    ])
  })

  test.for<readonly [given: unknown, ...faults: readonly string[]]>([
    [null, 'An exporter is an object.'],
    [{}, '`name` is missing', '`formats` is a list', '`export` is a function'],
    [
      {
        name: '9',
        version: 1,
        formats: ['a b'],
        export: (a: 1, b: 1, c: 1) => [a, b, c],
        onCacheSync: 1,
      },
      '`name` is a letter',
      '`version` is a text',
      'Each of `formats`',
      '`export` is called with 2 arguments, and asks for 3',
      '`onCacheSync` is a function',
    ],
  ])('every fault of what is no exporter is named: %#', ([given, ...faults]) => {
    const { events, registry } = setup()
    let said = ''
    try {
      registry.register(given as Exporter, byHost) // a caller in JavaScript may pass anything
    } catch (error) {
      said = String(error)
    }
    for (const fault of faults) expect(said).toContain(fault)
    expect(events).toHaveLength(1)
    expect(registry.list()).toEqual([])
  })
})

describe('who is asked', () => {
  const data = dataOf(sample)

  test('those of a format one after the other, until one succeeds', async () => {
    const { lines, registry, running } = setup()
    for (const exporter of [
      failing('first', 'text', 'no room'),
      saying('other', 'xml'),
      saying('second', 'text'),
      failing('third', 'text', 'not asked'),
    ])
      registry.register(exporter, byHost)
    expect(await runExporter(running, data, { format: 'TEXT' })).toMatchObject({
      exporter: 'second',
      rendered: { body: 'second', metricsCount: 3 },
    })
    expect(
      registry.list().map((one) => [one.name, one.runCount, one.failureCount, one.lastFault]),
    ).toEqual([
      ['first', 1, 1, 'no room'],
      ['other', 0, 0, null],
      ['second', 1, 0, null],
      ['third', 0, 0, null],
    ])
    expect(lines.map(({ message, fields }) => [message, fields['exporter']])).toEqual([
      ['an exporter failed', 'first'],
    ])
  })

  test('when all fail, what each said; when there is none, which formats there are', async () => {
    const { registry, running } = setup()
    registry.register(failing('first', 'text', 'no room'), byHost)
    registry.register(saying('second', 'text', { export: () => 7 as never }), byHost) // of JavaScript
    registry.register(new StatsdExporter(), byHost)
    await expect(runExporter(running, data, { format: 'text' })).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: expect.stringContaining(
        'No exporter could make text: first: no room; second: second returned neither rendered metrics nor null.',
      ) as string,
    })
    await expect(runExporter(running, data, { format: 'xml' })).rejects.toMatchObject({
      code: 'EXPORT_UNSUPPORTED',
      details: { formats: ['dogstatsd', 'statsd', 'text'] },
    })
    expect(await runExporter(running, data, { format: 'statsd' })).toEqual({
      exporter: 'statsd_exporter',
      rendered: null,
    })
    await expect(renderWith(running, data, { format: 'statsd' })).rejects.toThrow(
      'delivers by itself',
    )
  })

  test('one that hangs has its time, and then its signal is aborted and the next is asked', async () => {
    const { clock, registry, running } = setup()
    const started = Promise.withResolvers<AbortSignal>()
    registry.register(
      saying('hanging', 'text', {
        export(_data, { signal }) {
          started.resolve(signal)
          return new Promise(() => undefined)
        },
      }),
      byHost,
    )
    registry.register(saying('next', 'text'), byHost)
    const run = runExporter(running, data, { format: 'text' })
    const signal = await started.promise
    await clock.advance(119_999)
    expect(signal.aborted).toBe(false)
    await clock.advance(1)
    expect(signal.aborted).toBe(true)
    expect(await run).toMatchObject({ exporter: 'next' })
    expect(registry.list()[0]?.lastFault).toBe('it took longer than 120 s')
  })

  test('when nobody waits any more, no other is asked, and it counts as nobody’s failure', async () => {
    const { registry, running } = setup()
    const caller = new AbortController()
    registry.register(
      saying('slow', 'text', {
        export() {
          caller.abort(new Error('the caller went away'))
          return new Promise(() => undefined)
        },
      }),
      byHost,
    )
    registry.register(saying('next', 'text'), byHost)
    const order = { format: 'text', signal: caller.signal }
    await expect(runExporter(running, data, order)).rejects.toThrow('the caller went away')
    expect(registry.list().map(({ runCount }) => runCount)).toEqual([0, 0])
  })
})

test('callbacks that throw or reject break nothing, and all are called', async () => {
  const { lines, registry } = setup()
  const heard: string[] = []
  const callback = (name: string, fail: () => unknown) =>
    saying(name, 'text', {
      onCacheSync({ instance }) {
        heard.push(`${name} ${instance}`)
        return fail() as undefined // of JavaScript
      },
    })
  registry.register(
    callback('throwing', () => {
      throw new Error('a defect')
    }),
    byHost,
  )
  registry.register(
    callback('rejecting', () => Promise.reject(new Error('a defect'))),
    byHost,
  )
  registry.register(saying('without', 'text'), byHost)
  registry.register(
    callback('good', () => undefined),
    byHost,
  )
  registry.tell('onCacheSync', { instance: 'web-01' } as MetricsSync) // all that they look at
  await Promise.resolve()
  expect(heard).toEqual(['throwing web-01', 'rejecting web-01', 'good web-01'])
  expect(lines.map(({ fields }) => [fields['exporter'], fields['callback']])).toEqual([
    ['throwing', 'onCacheSync'],
    ['rejecting', 'onCacheSync'],
  ])
})
