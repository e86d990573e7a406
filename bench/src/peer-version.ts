// Which version of a peer is measured: the one that package.json pins.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export function peerVersion(packageName: string): string {
  const file = join(import.meta.dirname, '../package.json')
  const { devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  } // our own file
  return devDependencies[packageName] ?? 'of unknown version'
}
