// Writes the comparison with the peers into docs/performance.md, from the newest results in bench/results. With --check it
// only says whether the page is fresh.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peersDocumentSchema } from './peers-document.ts'
import { renderTable, replaceTable, type ResultFile } from './performance-table.ts'

const root = join(import.meta.dirname, '..', '..')
const page = join(root, 'docs', 'performance.md')

process.exitCode = main(process.argv.slice(2))

function main(args: readonly string[]): number {
  const unknown = args.filter((arg) => arg !== '--check')
  if (unknown.length > 0) {
    console.error(`${unknown.join(', ')}: there is --check only`)
    return 2
  }
  const present = readFileSync(page, 'utf8')
  const wanted = replaceTable(present, renderTable(readNewest()))
  if (args.includes('--check')) {
    if (wanted === present) return 0
    console.error(
      'docs/performance.md is not what the newest results say. Run `npm run bench:report`.',
    )
    return 1
  }
  writeFileSync(page, wanted)
  return 0
}

/** Files are named by date. Null when nothing was measured yet. */
function readNewest(): ResultFile | null {
  const newest = globSync('bench/results/????-??-??-peers.json', { cwd: root }).toSorted().at(-1)
  if (newest === undefined) return null
  const document = peersDocumentSchema.parse(JSON.parse(readFileSync(join(root, newest), 'utf8')))
  return { link: `../${newest}`, document }
}
