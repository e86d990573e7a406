// What those who watch have seen: measures, messages and log entries, kept in memory. It stands where a metrics backend and an
// error tracker would be.
export type Tags = Readonly<Record<string, string | number | boolean>>

export interface Measure {
  readonly kind: 'counter' | 'histogram'
  readonly name: string
  readonly value: number
  readonly tags: Tags
}

export interface Message {
  readonly level: 'info' | 'warning' | 'error'
  readonly text: string
  readonly tags: Tags
}

export interface LogEntry {
  readonly event: string
  readonly fields: Tags
}

export class Observations {
  readonly measures: Measure[] = []
  readonly messages: Message[] = []
  readonly log: LogEntry[] = []

  count(name: string, tags: Tags = {}, by = 1): void {
    this.measures.push({ kind: 'counter', name, value: by, tags })
  }

  observe(name: string, value: number, tags: Tags = {}): void {
    this.measures.push({ kind: 'histogram', name, value, tags })
  }

  say(level: Message['level'], text: string, tags: Tags = {}): void {
    this.messages.push({ level, text, tags })
  }

  note(event: string, fields: Tags = {}): void {
    this.log.push({ event, fields })
  }

  /** Sum of a counter, of the entries that have these tags. */
  total(name: string, tags: Tags = {}): number {
    return this.of(name, tags).reduce((sum, { value }) => sum + value, 0)
  }

  of(name: string, tags: Tags = {}): readonly Measure[] {
    const wanted = Object.entries(tags)
    return this.measures.filter(
      (measure) =>
        measure.name === name && wanted.every(([key, value]) => measure.tags[key] === value),
    )
  }
}
