// The published cases for exporters: those of Tasker and one written elsewhere pass all of them, and each case finds an
// exporter that is wrong.
import { describe, expect, test } from 'vitest'
import type { Exporter } from '../../src/telemetry/exports/exporter.ts'
import { exporterCases } from '../../src/testing/index.ts'
import { builtIn } from '../telemetry/exports/rendered.ts'

/** As somebody else might write one. */
class LineExporter implements Exporter {
  readonly formats = ['lines', 'pushed']
  heard = 0
  export: Exporter['export'] = async ({ families }, { format, signal }) => {
    signal.throwIfAborted()
    if (format === 'pushed') return null
    const lines = families.flatMap(({ values }) =>
      values.map(({ name, labels, value }) => `${name} ${JSON.stringify(labels)} ${value}`),
    )
    return {
      format,
      contentType: 'text/plain',
      body: lines.join('\n'),
      metricsCount: families.length,
    }
  }
  onCacheSync(): void {
    this.heard += 1
  }
}

const exporters: readonly Exporter[] = [...builtIn, new LineExporter()]

describe.for(
  exporters.map((exporter) => [exporter.name ?? exporter.constructor.name, exporter] as const),
)('%s', ([, exporter]) => {
  test.for(exporterCases.filter((one) => one.isMeantFor(exporter)))('$name', (one) =>
    expect(one.run(exporter)).resolves.toBeUndefined(),
  )
})

test.for<readonly [fault: string, wrong: Partial<Exporter>]>([
  ['is an exporter', { formats: [] }],
  ['makes each of its formats, and', { export: rendering(() => ({ metricsCount: 1 })) }],
  ['makes each of its formats of nothing', { export: refusing(({ length }) => length === 0) }],
  ['takes labels', { export: refusing((families) => JSON.stringify(families).includes('日本')) }],
  [
    'takes numbers',
    {
      export: refusing((families) =>
        families.some(({ values }) => values.some((one) => !Number.isFinite(one.value))),
      ),
    },
  ],
  ['makes the same of the same', { export: changing() }],
  [
    'hears of syncs',
    {
      onExportComplete: ({ outcome }) =>
        void (outcome as 'done' & { readonly x: { readonly y: 1 } }).x.y,
    },
  ],
])('an exporter that is wrong does not pass: %s', async ([name, wrong]) => {
  const exporter = { name: 'wrong', formats: ['lines'], export: rendering(() => ({})), ...wrong }
  const faulty: string[] = []
  for (const one of exporterCases.filter((each) => each.isMeantFor(exporter))) {
    await one.run(exporter).catch(() => faulty.push(one.name))
  }
  expect(faulty).toContainEqual(expect.stringContaining(name))
})

function rendering(more: () => object): Exporter['export'] {
  return ({ families }, { format }) => ({
    format,
    contentType: 'text/plain',
    body: '',
    metricsCount: families.length,
    ...more(),
  })
}

function refusing(
  isRefused: (families: Parameters<Exporter['export']>[0]['families']) => boolean,
): Exporter['export'] {
  return (data, order) => {
    if (isRefused(data.families)) throw new Error('refused')
    return rendering(() => ({}))(data, order)
  }
}

function changing(): Exporter['export'] {
  return (data, order) => {
    Object.assign(data, { families: [] })
    return rendering(() => ({}))(data, order)
  }
}
