// Texts in files of this machine, shared by its processes and kept over restarts, within a bound: what ends the soonest goes
// first. A file is written aside and renamed, so that nobody reads half of one; its time of change is when its text ends.
// It neither counts nor locks: files offer no exchange of a text for another that two processes could not both make.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { systemClock, type Clock } from '../clock.ts'
import { asError, TaskerError } from '../errors.ts'
import type { CacheStore } from './cache-store.ts'
import { declareCapabilities } from './declared-capabilities.ts'

export interface FileStoreOptions {
  /** Made when it is not there, for this user alone. Nothing else belongs there. */
  readonly directory: string
  /** Most size of all texts, about. Default 32 MiB. A text that alone is larger is not kept. */
  readonly bytesMax?: number
  /** For tests. Default: the system's. */
  readonly clock?: Pick<Clock, 'nowMs'>
}

const bytesMaxDefault = 33_554_432
/** Tidied when so much of the bound has been written since, or so many files. */
const tidyShare = 0.1
const tidyFiles = 1_000
/** Of a process that died while it wrote. */
const unfinishedAfterMs = 60_000

export class FileStore implements CacheStore {
  static {
    declareCapabilities(this, { ttlInspection: true })
  }

  readonly #directory: string
  readonly #bytesMax: number
  readonly #clock: Pick<Clock, 'nowMs'>
  /** Since the last tidying. From the beginning there may be anything. */
  #writtenBytes = Number.POSITIVE_INFINITY
  #writtenFiles = 0
  #tidying: Promise<void> | null = null

  private constructor({ directory, bytesMax = bytesMaxDefault, clock }: FileStoreOptions) {
    this.#directory = resolve(directory)
    this.#bytesMax = bytesMax
    this.#clock = clock ?? systemClock
  }

  /** @throws {TaskerError} CACHE_MISCONFIGURED when the folder cannot be made or written to */
  static async open(options: FileStoreOptions): Promise<FileStore> {
    const store = new FileStore(options)
    try {
      await mkdir(store.#directory, { recursive: true, mode: 0o700 })
      const file = store.#aside()
      await writeFile(file, '')
      await rm(file)
    } catch (error) {
      const message = `The cache folder ${store.#directory} cannot be used: ${asError(error).message}.`
      throw new TaskerError('CACHE_MISCONFIGURED', message, {}, error)
    }
    return store
  }

  async get(key: string): Promise<string | null> {
    const file = this.#fileOf(key)
    if ((await this.#leftMs(file)) === null) return null
    return orNull(readFile(file, 'utf8'))
  }

  async set(key: string, text: string, ttlMs: number): Promise<void> {
    const file = this.#fileOf(key)
    const bytes = Buffer.byteLength(text)
    if (bytes > this.#bytesMax) {
      await rm(file, { force: true }) // what stood there is no longer so
      return
    }
    const aside = this.#aside()
    try {
      await writeFile(aside, text, { mode: 0o600 })
      await utimes(aside, ...this.#timesIn(ttlMs))
      await rename(aside, file)
    } catch (error) {
      await rm(aside, { force: true })
      throw error
    }
    this.#writtenBytes += bytes
    this.#writtenFiles += 1
    const isMuch = this.#writtenBytes > this.#bytesMax * tidyShare
    if (isMuch || this.#writtenFiles >= tidyFiles) await this.tidy()
  }

  async delete(key: string): Promise<void> {
    await rm(this.#fileOf(key), { force: true })
  }

  async remainingMs(key: string): Promise<number | null> {
    return this.#leftMs(this.#fileOf(key))
  }

  async extend(key: string, ttlMs: number): Promise<boolean> {
    const file = this.#fileOf(key)
    if ((await this.#leftMs(file)) === null) return false
    return (await orNull(utimes(file, ...this.#timesIn(ttlMs)).then(() => true))) ?? false
  }

  /** Removes what has ended and, above the bound, what ends the soonest. Happens by itself after writing. */
  async tidy(): Promise<void> {
    this.#tidying ??= this.#tidy().finally(() => {
      this.#tidying = null
    })
    await this.#tidying
  }

  async #tidy(): Promise<void> {
    this.#writtenBytes = 0
    this.#writtenFiles = 0
    const nowMs = this.#clock.nowMs()
    const live: { readonly file: string; readonly bytes: number; readonly endsMs: number }[] = []
    for (const name of await readdir(this.#directory)) {
      const kind = /^[0-9a-f]{64}\.(text|part)$/.exec(name)?.[1]
      if (kind === undefined) continue // not ours
      const file = join(this.#directory, name)
      const found = await orNull(stat(file))
      if (found === null) continue
      const endsMs = found.mtimeMs + (kind === 'part' ? unfinishedAfterMs : 0)
      if (endsMs <= nowMs) await rm(file, { force: true })
      else if (kind === 'text') live.push({ file, bytes: found.size, endsMs })
    }
    let bytes = live.reduce((sum, each) => sum + each.bytes, 0)
    // Rather a little more than needed, or each further text would bring the next tidying.
    const bytesLeft = this.#bytesMax * (1 - tidyShare)
    if (bytes <= bytesLeft) return
    for (const soonest of live.toSorted((one, other) => one.endsMs - other.endsMs)) {
      if (bytes <= bytesLeft) break
      await rm(soonest.file, { force: true })
      bytes -= soonest.bytes
    }
  }

  async #leftMs(file: string): Promise<number | null> {
    const found = await orNull(stat(file))
    if (found === null) return null
    const leftMs = Math.round(found.mtimeMs) - this.#clock.nowMs()
    if (leftMs > 0) return leftMs
    await rm(file, { force: true })
    return null
  }

  #timesIn(ttlMs: number): [atime: number, mtime: number] {
    const seconds = (this.#clock.nowMs() + ttlMs) / 1_000
    return [seconds, seconds]
  }

  /** Any key makes a name that every file system takes. */
  #fileOf(key: string): string {
    return join(this.#directory, `${digest(key)}.text`)
  }

  #aside(): string {
    return join(this.#directory, `${digest(randomUUID())}.part`)
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Another process may have removed the file. */
async function orNull<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
