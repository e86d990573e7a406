// The configurations of vitest load in a fresh clone. Vite bundles them before any condition of ours holds, so a package of the
// workspace would have to be built by then; a dynamic import counts too.
import { dirname, posix } from 'node:path'
import { expect, test } from 'vitest'
import { specifiersOf } from './import-levels.ts'
import { readSourceFiles } from './source-files.ts'

test.for(['vitest.config.ts', 'vitest.hostile.config.ts'])(
  '%s loads before any package of ours is built',
  (config) => {
    const files = new Map(readSourceFiles().map(({ path, text }) => [path, text]))
    const reached = new Set([config])
    const ours = [...reachedFrom(config, files, reached)].filter((name) =>
      name.startsWith('@tasker/'),
    )
    expect(ours).toEqual([])
    expect(reached.size).toBeGreaterThan(1) // it does follow imports
  },
)

/** Names of all packages that the file and what it imports need at run time. */
function reachedFrom(
  path: string,
  files: ReadonlyMap<string, string>,
  reached: Set<string>,
): readonly string[] {
  const text = files.get(path)?.replaceAll(/^import type [^']*'[^']*'$/gm, '') ?? ''
  return specifiersOf(text).flatMap((specifier) => {
    if (!specifier.startsWith('.')) return [specifier]
    const target = posix.normalize(posix.join(dirname(path), specifier))
    if (reached.has(target)) return []
    reached.add(target)
    return reachedFrom(target, files, reached)
  })
}
