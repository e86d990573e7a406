// What each format looks like, to the letter, and what its options change. That the text formats are read by others as they
// were meant: packages/cli/test/rendered-formats.test.ts.
import { describe, expect, test } from 'vitest'
import { renderAs, sample } from './rendered.ts'

const textOf = async (...order: Parameters<typeof renderAs>): Promise<string> =>
  String((await renderAs(...order)).body)

const lines = (...of: readonly string[]): string => of.map((line) => `${line}\n`).join('')

describe('text for scrapers', () => {
  test('Prometheus: one HELP and TYPE for each metric, +Inf, and labels escaped', async () => {
    expect(await textOf('prometheus', sample)).toBe(
      lines(
        String.raw`# HELP t_failed_total Of "steps",\nwith a \\.`,
        '# TYPE t_failed_total counter',
        String.raw`t_failed_total{step="=say \"no\"",path="C:\\temp\nnew"} 3`,
        't_failed_total{step="plain, too"} 1',
        '',
        '# HELP t_odd Odd.',
        '# TYPE t_odd gauge',
        't_odd{no="0"} Nan',
        't_odd{no="1"} +Inf',
        't_odd{no="2"} -Inf',
        't_odd{no="3"} -1.5',
        '',
        '# HELP t_seconds How long.',
        '# TYPE t_seconds histogram',
        't_seconds_bucket{task="pay",le="0.5"} 1',
        't_seconds_bucket{task="pay",le="1"} 3',
        't_seconds_bucket{task="pay",le="+Inf"} 4',
        't_seconds_sum{task="pay"} 6.25',
        't_seconds_count{task="pay"} 4',
      ),
    )
  })

  test('OpenMetrics: a counter is named without _total, no line is empty, and the end is said', async () => {
    const text = await textOf('openmetrics', sample)
    expect(text).toMatch(
      /^# HELP t_failed Of 'steps',\\nwith a \\\\.\n# TYPE t_failed counter\nt_failed_total\{/,
    )
    expect(text).not.toContain('\n\n')
    expect(text).toMatch(/t_seconds_count\{task="pay"\} 4\n# EOF\n$/)
  })

  test('of nothing there is nothing', async () => {
    expect(await textOf('prometheus', [])).toBe('')
    expect(await textOf('openmetrics', [])).toBe('# EOF\n')
  })

  test('they have no options', async () => {
    await expect(renderAs('openmetrics', sample, { pretty: true })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      details: {
        faults: [{ path: 'pretty', message: 'is not an option of the format openmetrics' }],
      },
    })
  })
})

describe('JSON', () => {
  test('holds every series under its key, histograms whole, and counts metrics', async () => {
    const rendered = await renderAs('json', sample)
    expect(rendered).toMatchObject({ format: 'json', metricsCount: 3 })
    expect(rendered.contentType).toBe('application/json; charset=utf-8')
    const ofCounter = { name: 't_failed_total', type: 'counter', help: sample[0]?.help }
    const ofGauge = { name: 't_odd', type: 'gauge', help: 'Odd.' }
    expect(JSON.parse(String(rendered.body))).toEqual({
      timestamp: '2030-01-01T12:00:00.250Z',
      metrics: {
        [String.raw`t_failed_total{path="C:\\temp\nnew",step="=say \"no\""}`]: {
          ...ofCounter,
          labels: { path: 'C:\\temp\nnew', step: '=say "no"' },
          value: 3,
        },
        't_failed_total{step="plain, too"}': {
          ...ofCounter,
          labels: { step: 'plain, too' },
          value: 1,
        },
        't_odd{no="0"}': { ...ofGauge, labels: { no: '0' }, value: 'NaN' },
        't_odd{no="1"}': { ...ofGauge, labels: { no: '1' }, value: 'Infinity' },
        't_odd{no="2"}': { ...ofGauge, labels: { no: '2' }, value: '-Infinity' },
        't_odd{no="3"}': { ...ofGauge, labels: { no: '3' }, value: -1.5 },
        't_seconds{task="pay"}': {
          name: 't_seconds',
          type: 'histogram',
          help: 'How long.',
          labels: { task: 'pay' },
          count: 4,
          sum: 6.25,
          buckets: { '0.5': 1, '1': 3, '+Inf': 4 },
        },
      },
      total_metrics: 3,
      metadata: {
        exporter: 'json',
        version: '1.0.0',
        exported_at: '2030-01-01T12:00:00.250Z',
        scope: 'process',
        instances: ['web-01-4711'],
      },
    })
  })

  test('its fields have the names one gives them, and others beside them', async () => {
    const options = {
      pretty: true,
      includeMetadata: false,
      fieldMapping: { metrics: 'series', total_metrics: 'count' },
      additionalFields: { site: 'berlin', tags: ['a'] },
    }
    expect(await textOf('json', [], options)).toBe(
      lines(
        '{',
        '  "timestamp": "2030-01-01T12:00:00.250Z",',
        '  "series": {},',
        '  "count": 0,',
        '  "site": "berlin",',
        '  "tags": [',
        '    "a"',
        '  ]',
        '}',
      ),
    )
    const { metadata } = JSON.parse(
      await textOf('json', [], { fieldMapping: { timestamp: 'at' } }),
    ) as { readonly metadata: object } // a fact of the format
    expect(metadata).toMatchObject({
      field_mapping: {
        timestamp: 'at',
        metrics: 'metrics',
        total_metrics: 'total_metrics',
        metadata: 'metadata',
      },
    })
  })

  test('all that is wrong with its options is said at once', async () => {
    const options = {
      prety: true,
      includeMetadata: 'no',
      fieldMapping: { metrics: '', other: 'x' },
    }
    const faults = await renderAs('json', sample, options).catch((error: unknown) => String(error))
    expect(faults).toContain('The format json has')
    for (const part of ['prety', 'did you mean', 'includeMetadata', 'fieldMapping.metrics'])
      expect(faults).toContain(part)
    await expect(
      renderAs('json', [], {
        additionalFields: { metrics: 1 },
        fieldMapping: { timestamp: 'metadata' },
      }),
    ).rejects.toThrow(/called "metadata"[^]*called "metrics"/)
  })
})

describe('CSV', () => {
  test('has a row for each series, a column for each label, and no formulas', async () => {
    expect(await textOf('csv', sample)).toBe(
      lines(
        'timestamp,name,type,value,label_no,label_path,label_step,label_task,count,sum',
        '2030-01-01T12:00:00.250Z,t_failed_total,counter,3,,"C:\\temp\nnew","\'=say ""no""",,,',
        '2030-01-01T12:00:00.250Z,t_failed_total,counter,1,,,"plain, too",,,',
        '2030-01-01T12:00:00.250Z,t_odd,gauge,NaN,0,,,,,',
        '2030-01-01T12:00:00.250Z,t_odd,gauge,Infinity,1,,,,,',
        '2030-01-01T12:00:00.250Z,t_odd,gauge,-Infinity,2,,,,,',
        '2030-01-01T12:00:00.250Z,t_odd,gauge,-1.5,3,,,,,',
        '2030-01-01T12:00:00.250Z,t_seconds,histogram,,,,,pay,4,6.25',
      ),
    )
  })

  test('has the columns one asks for, separated as one likes', async () => {
    const options = {
      columns: ['name', 'labels', 'average', 'buckets'],
      separator: ';',
      rowSeparator: '\r\n',
      flattenLabels: false,
      headers: false,
    }
    const [first, ...others] = (await textOf('csv', sample, options)).split('\r\n')
    expect(first).toBe(
      String.raw`t_failed_total;"{""path"":""C:\\temp\nnew"",""step"":""=say \""no\""""}";;`,
    )
    expect(others.at(-2)).toBe(
      't_seconds;"{""task"":""pay""}";1.5625;"{""1"":3,""0.5"":1,""+Inf"":4}"',
    )
  })

  test('of nothing it is empty, and what is wrong with its options is said', async () => {
    expect(await renderAs('csv', [])).toMatchObject({ body: '', metricsCount: 0 })
    const options = { columns: ['nam'], separator: '""', rowSeparator: ' ', headers: 1 }
    const faults = await renderAs('csv', sample, options).catch((error: unknown) => String(error))
    for (const part of ['columns.0', 'separator', 'rowSeparator', 'headers'])
      expect(faults).toContain(part)
  })
})

describe('OTLP', () => {
  test('totals are cumulative since the start, and each bucket holds its own only', async () => {
    const rendered = await renderAs('otlp', sample, { resourceAttributes: { region: 'eu' } })
    expect(rendered).toMatchObject({ contentType: 'application/json', metricsCount: 3 })
    const times = {
      startTimeUnixNano: '1893495600000000000',
      timeUnixNano: '1893499200250000000',
    }
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })
    const point = (attributes: readonly object[], values: object) => ({
      attributes,
      ...times,
      ...values,
    })
    const totals = { aggregationTemporality: 2 }
    expect(JSON.parse(String(rendered.body))).toEqual({
      resourceMetrics: [
        {
          resource: {
            attributes: [
              attribute('service.name', 'tasker'),
              attribute('service.instance.id', 'web-01-4711'),
              attribute('region', 'eu'),
            ],
          },
          scopeMetrics: [
            {
              scope: { name: '@tasker/engine', version: expect.any(String) as string },
              metrics: [
                {
                  name: 't_failed_total',
                  description: sample[0]?.help,
                  sum: {
                    ...totals,
                    isMonotonic: true,
                    dataPoints: [
                      point([attribute('path', 'C:\\temp\nnew'), attribute('step', '=say "no"')], {
                        asDouble: 3,
                      }),
                      point([attribute('step', 'plain, too')], { asDouble: 1 }),
                    ],
                  },
                },
                {
                  name: 't_odd',
                  description: 'Odd.',
                  gauge: {
                    dataPoints: ['NaN', 'Infinity', '-Infinity', -1.5].map((asDouble, no) =>
                      point([attribute('no', String(no))], { asDouble }),
                    ),
                  },
                },
                {
                  name: 't_seconds',
                  description: 'How long.',
                  histogram: {
                    ...totals,
                    dataPoints: [
                      point([attribute('task', 'pay')], {
                        count: '4',
                        sum: 6.25,
                        bucketCounts: ['1', '2', '1'],
                        explicitBounds: [0.5, 1],
                      }),
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    })
  })

  // Read back from bytes that the serializer of OpenTelemetry wrote, these were its fields.
  test('as protobuf it says the same in bytes', async () => {
    const rendered = await renderAs('otlp', sample.slice(2), { encoding: 'protobuf' })
    expect(rendered.contentType).toBe('application/x-protobuf')
    const hex = Buffer.from(rendered.body).toString('hex')
    const time = (tag: string, nanoseconds: bigint): string => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(nanoseconds)
      return tag + bytes.toString('hex')
    }
    expect(hex).toContain(
      time('11', 1_893_495_600_000_000_000n) +
        time('19', 1_893_499_200_250_000_000n) +
        '210400000000000000' + // four values
        '290000000000001940' + // 6.25
        '3218010000000000000002000000000000000100000000000000' +
        '3a10000000000000e03f000000000000f03f',
    )
  })
})
