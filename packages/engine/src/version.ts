// The version of this package, from its package.json: recorded in the database and in worker rows.
// Level 0: imports nothing of ours.
import { createRequire } from 'node:module'

const manifest: unknown = createRequire(import.meta.url)('../package.json')

function readVersion(value: unknown): string {
  if (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'string'
  ) {
    return value.version
  }
  throw new Error('package.json of @tasker/engine has no version')
}

export const packageVersion: string = readVersion(manifest)
