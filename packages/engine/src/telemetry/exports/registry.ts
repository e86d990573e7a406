// The exporters of a Tasker: who is registered, which formats there are, and how each has fared. Running one is
// run-exporter.ts.
import type { Clock } from '../../clock.ts'
import { TaskerError } from '../../errors.ts'
import type { EventBus } from '../../events/bus.ts'
import type { PluginChanged } from '../../events/catalogue.ts'
import type { Logger } from '../../log.ts'
import type { ExportEnded, Exporter, ExportRequested, MetricsSync } from './exporter.ts'
import { classNameOf, faultsOf, formatsOf, nameOf } from './validate-exporter.ts'

/** Who gave it. */
export type ExporterSource = 'Tasker' | 'createTasker' | 'tasker.exports.register'

export interface RegisteredExporter {
  readonly name: string
  readonly version: string
  readonly description: string
  /** Null: an object without a class. */
  readonly className: string | null
  /** In lower case. */
  readonly formats: readonly string[]
  readonly source: ExporterSource
  readonly registeredAt: Date
  /** How often it was run, and how often it failed, in this process. */
  readonly runCount: number
  readonly failureCount: number
  /** The reason of the last failure, whatever came after it. */
  readonly lastFault: string | null
}

export interface RegistryParts {
  readonly bus: EventBus
  readonly logger: Logger
  readonly clock: Pick<Clock, 'nowMs'>
}

/** An exporter and what is counted of it. */
export class Entry {
  readonly exporter: Exporter
  readonly about: Omit<RegisteredExporter, 'runCount' | 'failureCount' | 'lastFault'>
  #runCount = 0
  #failureCount = 0
  #lastFault: string | null = null

  constructor(exporter: Exporter, source: ExporterSource, registeredAt: Date) {
    const name = nameOf(exporter)
    this.exporter = exporter
    this.about = {
      name,
      version: exporter.version ?? '1.0.0',
      description: exporter.description ?? `${name} telemetry exporter`,
      className: classNameOf(exporter),
      formats: formatsOf(exporter),
      source,
      registeredAt,
    }
  }

  /** Null: it succeeded. */
  ran(fault: string | null): void {
    this.#runCount += 1
    if (fault === null) return
    this.#failureCount += 1
    this.#lastFault = fault
  }

  view(): RegisteredExporter {
    return {
      ...this.about,
      runCount: this.#runCount,
      failureCount: this.#failureCount,
      lastFault: this.#lastFault,
    }
  }
}

export class ExporterRegistry {
  readonly #parts: RegistryParts
  /** In the order of registration. */
  readonly #entries = new Map<string, Entry>()

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /** Sorted. */
  formats(): readonly string[] {
    return [...new Set(this.#all().flatMap(({ about }) => about.formats))].sort()
  }

  /** In the order in which they are tried. */
  list(): readonly RegisteredExporter[] {
    return this.#all().map((entry) => entry.view())
  }

  of(format: string): readonly Entry[] {
    const wanted = format.toLowerCase()
    return this.#all().filter(({ about }) => about.formats.includes(wanted))
  }

  /**
   * One that replaces another takes its place.
   * @throws {TaskerError} EXPORTER_INVALID, EXPORTER_CONFLICT
   */
  register(
    exporter: Exporter,
    { source, replace = false }: { readonly source: ExporterSource; readonly replace?: boolean },
  ): void {
    const { bus, clock } = this.#parts
    this.#requireValid(exporter)
    const entry = new Entry(exporter, source, new Date(clock.nowMs()))
    const present = this.#entries.get(entry.about.name)
    if (present !== undefined && !replace) throw this.#refusal(conflict(present, entry), exporter)
    if (present !== undefined) bus.publish('plugin.unregistered', changed(present))
    this.#entries.set(entry.about.name, entry)
    // Those that every Tasker has are no news.
    if (source !== 'Tasker') bus.publish('plugin.registered', changed(entry))
  }

  /** False: there is none of the name. */
  unregister(name: string): boolean {
    const entry = this.#entries.get(name)
    if (entry === undefined) return false
    this.#entries.delete(name)
    this.#parts.bus.publish('plugin.unregistered', changed(entry))
    return true
  }

  /** Tells all exporters; what they do with it breaks nothing. */
  tell(...told: Told): void {
    for (const { exporter, about } of this.#all()) {
      const failed = (error: unknown): void =>
        this.#parts.logger.warn(
          { exporter: about.name, callback: told[0], error },
          'a callback of an exporter failed',
        )
      try {
        const answer = call(exporter, told)
        if (answer instanceof Promise) answer.catch(failed)
      } catch (error) {
        failed(error)
      }
    }
  }

  #all(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  #requireValid(exporter: Exporter): void {
    const faults = faultsOf(exporter)
    if (faults.length === 0) return
    const lines = faults.map((fault) => `\n  ${fault}`).join('')
    throw this.#refusal(
      new TaskerError('EXPORTER_INVALID', `This is no exporter:${lines}\n`, { faults }),
      exporter,
    )
  }

  #refusal(error: TaskerError, exporter: unknown): TaskerError {
    const { name, formats } =
      typeof exporter === 'object' && exporter !== null
        ? // A cast: what was refused may be anything, and every field of it is looked at before it is used.
          (exporter as { readonly name?: unknown; readonly formats?: unknown })
        : {}
    this.#parts.bus.publish('plugin.validation_failed', {
      plugin: typeof name === 'string' ? name : null,
      pluginClass: typeof exporter === 'object' && exporter ? classNameOf(exporter) : null,
      formats: Array.isArray(formats) ? formats.map(String) : [],
      fault: error.message,
    })
    return error
  }
}

/** A callback's name and what it is called with. */
type Told =
  | readonly [callback: 'onCacheSync', about: MetricsSync]
  | readonly [callback: 'onExportRequest', about: ExportRequested]
  | readonly [callback: 'onExportComplete', about: ExportEnded]

function call(exporter: Exporter, [callback, about]: Told): void | Promise<void> {
  switch (callback) {
    case 'onCacheSync':
      return exporter.onCacheSync?.(about)
    case 'onExportRequest':
      return exporter.onExportRequest?.(about)
    case 'onExportComplete':
      return exporter.onExportComplete?.(about)
  }
}

const changed = ({ about }: Entry): PluginChanged => ({
  plugin: about.name,
  pluginClass: about.className,
  formats: about.formats,
})

function conflict(present: Entry, wanted: Entry): TaskerError {
  const { name } = wanted.about
  return new TaskerError(
    'EXPORTER_CONFLICT',
    `The exporter name "${name}" is taken: ${describe(present)} has it, and ${describe(wanted)} wants it.`,
    { name, present: present.about.source, wanted: wanted.about.source },
  )
}

const describe = ({ about: { className, version, source } }: Entry): string =>
  `${className ?? 'an object'}, version ${version}, from ${source},`
