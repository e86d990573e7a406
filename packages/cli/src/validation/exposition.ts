// Reads the text format of Prometheus, version 0.0.4, strictly: samples, and every line or family that breaks its rules.

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Exposition {
  readonly samples: readonly Sample[]
  /** The type of each family. */
  readonly types: ReadonlyMap<string, string>
  /** What each family is, in its own words. */
  readonly helps: ReadonlyMap<string, string>
  /** Each a sentence. */
  readonly faults: readonly string[]
}

const nameForm = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const metadataLine = new RegExp(`^# (HELP|TYPE) (${nameForm})(?: (.*))?$`)
const sampleLine = new RegExp(
  `^(${nameForm})[ \\t]*(?:\\{(.*)\\})?[ \\t]+(\\S+)(?:[ \\t]+(-?\\d+))?[ \\t]*$`,
)
const label = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\["\\n])*)"[ \t]*(,|$)/y
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const types = ['counter', 'gauge', 'histogram', 'summary', 'untyped']

export function readExposition(text: string): Exposition {
  const reading = new Reading()
  if (text !== '' && !text.endsWith('\n')) reading.faults.push('The last line has no end.')
  text.split('\n').forEach((line, index) => reading.take(line, index + 1))
  return {
    samples: reading.samples,
    types: reading.types,
    helps: reading.helps,
    faults: [...reading.faults, ...histogramFaults(reading.samples, reading.types)],
  }
}

class Reading {
  readonly samples: Sample[] = []
  readonly types = new Map<string, string>()
  readonly helps = new Map<string, string>()
  readonly faults: string[] = []
  readonly #series = new Set<string>()
  /** Families whose lines are over. */
  readonly #ended = new Set<string>()
  #family: string | null = null

  take(line: string, lineNo: number): void {
    const fault = line.startsWith('#') ? this.#takeMetadata(line) : this.#takeSample(line)
    if (fault !== null) this.faults.push(`Line ${lineNo} ${fault}: ${line.slice(0, 120)}`)
  }

  #takeMetadata(line: string): string | null {
    const [, kind, name = '', rest = ''] = metadataLine.exec(line) ?? []
    if (kind === undefined) return /^# (?:HELP|TYPE)\b/.test(line) ? 'names no metric' : null
    const scattered = this.#enter(name)
    if (kind === 'HELP') {
      if (this.helps.has(name)) return 'is a second HELP of its metric'
      this.helps.set(name, unescaped(rest))
      return scattered
    }
    if (this.types.has(name)) return 'is a second TYPE of its metric'
    if (!types.includes(rest)) return 'gives a type that there is not'
    if (this.samples.some((sample) => this.#familyOf(sample.name) === name))
      return 'stands behind samples of its metric'
    this.types.set(name, rest)
    return scattered
  }

  #takeSample(line: string): string | null {
    if (line.trim() === '') return null
    const [, name = '', labelText = '', valueText = ''] = sampleLine.exec(line) ?? []
    if (name === '') return 'is neither a sample nor a comment'
    const labels = labelsOf(labelText)
    if (labels === null) return 'has labels that cannot be read'
    const value = valueOf(valueText)
    if (value === null) return 'has no number as its value'
    const family = this.#familyOf(name)
    const scattered = this.#enter(family)
    const series = seriesOf({ name, labels })
    if (this.#series.has(series)) return 'is a second sample of its series'
    this.#series.add(series)
    this.samples.push({ name, labels, value })
    if (this.types.get(family) === 'counter' && !(value >= 0)) return 'counts down below zero'
    return scattered
  }

  /** A histogram's samples have names of their own. */
  #familyOf(name: string): string {
    const base = name.replace(/_(?:bucket|sum|count)$/, '')
    const type = this.types.get(base)
    return type === 'histogram' || type === 'summary' ? base : name
  }

  #enter(family: string): string | null {
    if (family === this.#family) return null
    if (this.#family !== null) this.#ended.add(this.#family)
    this.#family = family
    return this.#ended.has(family) ? 'stands apart from the others of its metric' : null
  }
}

function labelsOf(text: string): Readonly<Record<string, string>> | null {
  const labels: Record<string, string> = {}
  let place = 0
  while (place < text.length) {
    label.lastIndex = place
    const [whole, name = '', value = ''] = label.exec(text) ?? []
    if (whole === undefined || Object.hasOwn(labels, name)) return null
    labels[name] = unescaped(value)
    place += whole.length
  }
  return labels
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_all, mark: string) => (mark === 'n' ? '\n' : mark))

function valueOf(text: string): number | null {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return Number.NaN
  return number.test(text) ? Number(text) : null
}

/** The same text for the same series, whatever the order of its labels. */
export function seriesOf({ name, labels }: Omit<Sample, 'value'>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return `${name}{${parts.sort().join(',')}}`
}

/** Buckets grow, the last is infinite, and it holds as many as are counted. */
function histogramFaults(
  samples: readonly Sample[],
  known: ReadonlyMap<string, string>,
): readonly string[] {
  const faults: string[] = []
  for (const [family, type] of known) {
    if (type !== 'histogram') continue
    const buckets = Map.groupBy(
      samples.filter(({ name }) => name === `${family}_bucket`),
      ({ labels: { le: _le, ...labels } }) => seriesOf({ name: family, labels }),
    )
    for (const [series, those] of buckets) {
      const sorted = those
        .map(({ labels, value }) => ({ bound: valueOf(labels['le'] ?? ''), value }))
        .sort((a, b) => (a.bound ?? Number.NaN) - (b.bound ?? Number.NaN))
      const last = sorted.at(-1)
      const counted = samples.find(
        ({ name, labels }) =>
          name === `${family}_count` && seriesOf({ name: family, labels }) === series,
      )
      if (sorted.some(({ bound }) => bound === null))
        faults.push(`${series}: a bucket has no bound.`)
      else if (last?.bound !== Infinity) faults.push(`${series}: there is no bucket +Inf.`)
      else if (last.value !== counted?.value)
        faults.push(`${series}: the bucket +Inf is not what _count says.`)
      if (sorted.some(({ value }, index) => value < (sorted[index - 1]?.value ?? 0)))
        faults.push(`${series}: a bucket holds less than the one before it.`)
    }
  }
  return faults
}
