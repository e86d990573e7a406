// A generated page: written, or with --check compared with what is there. For the tools/generate-*.ts programs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** `path` is relative to the root. Sets the exit code 1 when --check finds the page stale or missing. */
export function writeOrCheck(path: string, text: string): void {
  const target = join(root, path)
  if (process.argv.includes('--check')) {
    const isFresh = existsSync(target) && readFileSync(target, 'utf8') === text
    if (isFresh) return
    console.error(`${path} is not what its source says. Run \`npm run docs:update\`.`)
    process.exitCode = 1
    return
  }
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
  console.log(`Wrote ${path}.`)
}
