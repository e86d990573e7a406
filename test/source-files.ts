// The files of the repository as the tidy rules see them: path and text, tracked or about to be.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../tools/run-program.ts'

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

const binary = /\.(png|jpe?g|gif|ico|woff2?|tgz|gz)$/

/** Everything git tracks or would add; so what .gitignore names is left out. */
export function readSourceFiles(): readonly SourceFile[] {
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const listed = spawnSync('git', options, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`)
  return listed.stdout
    .split('\0')
    .filter((path) => path !== '' && !binary.test(path) && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The code without its comments, line by line where it was. A `//` inside a string may go too; rules allow for it. */
export function withoutComments(text: string): string {
  const blank = (comment: string): string => comment.replaceAll(/[^\n]/g, ' ')
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, blank).replaceAll(/(^|[\s;,{(])\/\/[^\n]*/g, '$1')
}

export function withoutSqlComments(text: string): string {
  return text.replaceAll(/--[^\n]*/g, '')
}
