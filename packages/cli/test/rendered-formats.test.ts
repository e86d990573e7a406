// What Tasker renders for scrapers is read by others as it was meant: by a reader of our own that shares no code with it, by
// promtool, and by a real Prometheus, which is given OpenMetrics where it asks for that.
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, type MetricFamily } from '@tasker/engine'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { runs } from '../../engine/test/properties/runs.ts'
import { histogram, renderAs, sample } from '../../engine/test/telemetry/exports/rendered.ts'
import { readExposition, seriesOf } from '../src/validation/exposition.ts'
import { hasPrometheus, openPrometheus, promtool } from './prometheus.ts'

const database = databaseForFile()

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((each) => each.replaceAll('\r', '↵'))
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/)
const labels = fc.dictionary(
  word.filter((name) => !['le', 'quantile'].includes(name)),
  text,
  { maxKeys: 3 },
)
const amount = fc.oneof(fc.nat(), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }))
const number = fc.oneof(fc.double(), fc.integer())
const labelSets = fc.uniqueArray(labels, {
  maxLength: 3,
  selector: (each) => seriesOf({ name: '', labels: each }),
})

const help = text.map((each) => each.replaceAll('"', ''))
const numbers = (type: 'counter' | 'gauge', value: fc.Arbitrary<number>) =>
  fc
    .record({
      end: word,
      help,
      sets: labelSets,
      values: fc.array(value, { minLength: 3, maxLength: 3 }),
    })
    .map(({ end, sets, values, ...about }): MetricFamily => {
      const name = type === 'counter' ? `t_c_${end}_total` : `t_g_${end}`
      return {
        ...about,
        name,
        type,
        values: sets.map((set, index) => ({ name, labels: set, value: values[index] ?? 0 })),
      }
    })
const histograms = fc
  .record({
    end: word,
    help,
    sets: labelSets,
    bounds: fc.uniqueArray(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { maxLength: 4 }),
    counts: fc.array(fc.nat(1_000), { minLength: 5, maxLength: 5 }),
    sum: amount,
  })
  .map(({ end, help: about, sets, bounds, counts, sum }): MetricFamily => {
    const name = `t_h_${end}`
    const sorted = bounds.toSorted((a, b) => a - b)
    return {
      name,
      help: about,
      type: 'histogram',
      values: sets.flatMap((set) =>
        histogram(name, set, { bounds: sorted, counts: counts.slice(0, sorted.length + 1), sum }),
      ),
    }
  })
const families = fc.uniqueArray(
  fc.oneof(numbers('counter', amount), numbers('gauge', number), histograms),
  { maxLength: 5, selector: ({ name }) => name },
)

const valuesOf = (of: readonly MetricFamily[]): readonly (readonly [string, number])[] =>
  of.flatMap(({ values }) => values).map((one) => [seriesOf(one), one.value + 0] as const)

/** To the grammar of OpenMetrics: metadata in order, no other comment, no empty line, one end. */
function readOpenMetrics(body: string) {
  expect(body.endsWith('# EOF\n')).toBe(true)
  const lines = body.split('\n').slice(0, -2)
  const name = '[a-zA-Z_:][a-zA-Z0-9_:]*'
  const escaped = String.raw`(?:[^"\\\n]|\\["\\n])*`
  const label = `[a-zA-Z_][a-zA-Z0-9_]*="${escaped}"`
  const form = new RegExp(
    `^(?:# HELP ${name} ${escaped}|# TYPE ${name} (?:counter|gauge|histogram|summary)|` +
      String.raw`${name}(?:\{${label}(?:,${label})*\})? (?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf)|nan))$`,
    'iu',
  )
  expect(lines.filter((line) => !form.test(line))).toEqual([])
  const counters = lines.flatMap((line) => /^# TYPE (\S+) counter$/.exec(line)?.[1] ?? [])
  for (const counter of counters) expect(counter).not.toMatch(/_total$/)
  // Otherwise it is the text format, whose samples of a counter bear its own name.
  const asText = lines.map((line) =>
    line.replace(/^# (HELP|TYPE) (\S+)/, (_all, kind: string, family: string) =>
      counters.includes(family) ? `# ${kind} ${family}_total` : `# ${kind} ${family}`,
    ),
  )
  return readExposition(asText.map((line) => `${line}\n`).join(''))
}

test('whatever is collected is read back as it was, from both text formats', async () => {
  await fc.assert(
    fc.asyncProperty(families, async (given) => {
      const inText = readExposition(String((await renderAs('prometheus', given)).body))
      const inOpen = readOpenMetrics(String((await renderAs('openmetrics', given)).body))
      for (const { samples, types, faults } of [inText, inOpen]) {
        expect(faults).toEqual([])
        expect(samples.map((one) => [seriesOf(one), one.value + 0])).toEqual(valuesOf(given))
        expect([...types]).toEqual(given.map(({ name, type }) => [name, type]))
      }
    }),
    runs(150),
  )
})

describe.runIf(hasPrometheus)('with Prometheus', () => {
  test('promtool has nothing to say to the text', async () => {
    const plain = sample.map((family) => ({ ...family, help: 'Plain.' }))
    expect(
      await promtool(['check', 'metrics'], String((await renderAs('prometheus', plain)).body)),
    ).toBe('')
  })

  test('a scraper that accepts OpenMetrics first is given it, one that asks for text is given that', async () => {
    const { url } = database
    const tasker = await createTasker({ database: { url, migrate: 'off' }, metrics: true })
    onTestFinished(() => tasker.close())
    const { url: metricsUrl, host, port } = await tasker.metrics.listen({ port: 0 })
    const target = `${host}:${port}`
    const prometheus = await openPrometheus({ open: [target], text: [target] }, [], {
      text: { format: ['prometheus'] },
    })
    onTestFinished(() => prometheus.close())
    const scraped = async (): Promise<readonly string[]> => {
      const samples = await prometheus.query('count by (job) ({__name__=~"tasker_.*"})')
      return samples.map(({ labels: { job }, value }) => `${job} ${value > 50}`).toSorted()
    }
    await expect.poll(scraped, { timeout: 20_000 }).toEqual(['open true', 'text true'])
    // What Prometheus sends, and what it got.
    const accept =
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,' +
      'text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
    const answer = await fetch(metricsUrl, { headers: { accept } })
    expect(answer.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    )
    expect(readOpenMetrics(await answer.text()).faults).toEqual([])
  })
})
