// The targets of a configuration, with what is left out filled in: what each is exported as, and when.
import type { Config } from '../../config.ts'
import type { ExportTargetStatus } from './export-orders.ts'

type ConfiguredTarget = Config['telemetry']['exports']['targets'][string]

export interface Target {
  readonly name: string
  readonly to: ExportTargetStatus['to']
  readonly format: string
  /** Null: by threshold, or only when asked for. */
  readonly everyMs: number | null
  readonly threshold: number | null
  readonly options: Readonly<Record<string, unknown>>
  /** What the delivery needs to know. */
  readonly settings: ConfiguredTarget
}

/** Those of the configuration, and the endpoint of `telemetry.prometheus`. */
export function targetsOf({
  telemetry: { exports, prometheus },
}: Config): ReadonlyMap<string, Target> {
  const { endpoint, username, password } = prometheus
  const given: [string, ConfiguredTarget][] = Object.entries(exports.targets)
  if (endpoint !== null) {
    const credentials = username === null || password === null ? {} : { username, password }
    given.push(['prometheus', { to: 'remote_write', url: endpoint, ...credentials }])
  }
  const usualMs = usualDelayMs(prometheus)
  return new Map(
    given.map(([name, settings]) => {
      const { to, every, threshold, options = {} } = settings
      const everyMs =
        every === undefined ? (threshold === undefined ? usualMs : null) : every * 1_000
      const format = formatOf(settings)
      return [name, { name, to, format, everyMs, threshold: threshold ?? null, options, settings }]
    }),
  )
}

/** Before what is kept for so long would be gone. */
export const usualDelayMs = ({
  retentionWindow,
  safetyMargin,
}: Config['telemetry']['prometheus']): number => (retentionWindow - safetyMargin) * 1_000

const ofFile = 'file:'

/** A format that was asked for without a target: a file in the storage root. */
export const fileTarget = (format: string): Target => ({
  name: `${ofFile}${format}`,
  to: 'file',
  format,
  everyMs: null,
  threshold: null,
  options: {},
  settings: { to: 'file', format },
})

/** The target of this name; null: there is none any more. */
export const findTarget = (targets: ReadonlyMap<string, Target>, name: string): Target | null =>
  name.startsWith(ofFile) ? fileTarget(name.slice(ofFile.length)) : (targets.get(name) ?? null)

// In lower case, as exporters name them.
function formatOf(settings: ConfiguredTarget): string {
  switch (settings.to) {
    case 'file':
    case 'http':
    case 'exporter':
      return settings.format.toLowerCase()
    case 'pushgateway':
      return 'prometheus'
    case 'remote_write':
      return 'remote_write'
    case 'otlp':
      return 'otlp'
    default:
      return settings satisfies never
  }
}
