// One thing that differs between two versions of a definition, and what it means.
import type { Json } from '../json.ts'

export interface Difference {
  readonly kind: 'step_added' | 'step_removed' | 'edge_added' | 'edge_removed' | 'setting_changed'
  /** Null: it is the task's. */
  readonly step: string | null
  /** The setting, a place in the context schema, or the parent at the other end of the edge. */
  readonly what: string
  /** Null where there was nothing, and where the values are not for everybody's eyes. */
  readonly from: Json
  readonly to: Json
  readonly isCompatible: boolean
  /** One sentence. */
  readonly why: string
}
