// A span as the checks see it, whoever told of it.

export type AttributeValue = string | number | boolean | readonly string[]

export interface SpanRecord {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** Null: a root. */
  readonly parentId: string | null
  readonly name: string
  /** `internal`, `producer`, …; empty: not told. */
  readonly kind: string
  /** Of the process that made it. */
  readonly service: string
  /** Microseconds since 1970. */
  readonly startUs: number
  readonly durationUs: number
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly events: readonly {
    readonly name: string
    readonly attributes: Readonly<Record<string, AttributeValue>>
  }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

export const endUs = ({ startUs, durationUs }: SpanRecord): number => startUs + durationUs

/** What a step is known by in all its spans. */
export const stepOf = ({ attributes }: SpanRecord): string => String(attributes[stepNameKey] ?? '')

export const stepNameKey = 'tasker.step.name'
