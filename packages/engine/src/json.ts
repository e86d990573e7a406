// What may be stored: JSON, as a type. Checking that a value is JSON is storable.ts.
// Level 0: imports nothing of ours.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}
