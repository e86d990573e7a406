// The harness's side of one worker process: starts it, kills it, freezes it, stops it, and keeps what it says.
import { fork, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Measures, WorkerMessage, WorkerOrder, WorkerSettings } from './worker-settings.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Characters kept of what it writes to its standard error. */
const errorsMax = 4_000

const program = join(import.meta.dirname, 'worker-process.ts')

export class WorkerHandle {
  readonly settings: WorkerSettings
  readonly messages: WorkerMessage[] = []
  /** Resolves when the process has ended, however. */
  readonly exited: Promise<Exit>
  /** When it was killed, by the clock of this machine; null: it was not. */
  killedAt: Date | null = null
  readonly #child: ChildProcess
  readonly #listeners = new Set<() => void>()
  #exit: Exit | null = null
  #errors = ''
  #measured = 0

  /** Its standard output and errors go to `<folder>/<name>.log`. */
  constructor(settings: WorkerSettings, folder: string) {
    this.settings = settings
    this.#child = fork(program, [JSON.stringify(settings)], {
      execArgv: ['--conditions=@tasker/source', '--expose-gc'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const log = createWriteStream(join(folder, `${settings.name}.log`), { flags: 'a' })
    this.#child.stdout?.pipe(log, { end: false })
    this.#child.stderr?.pipe(log, { end: false })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-errorsMax)
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#exit = { code, signal }
        log.write(`${settings.name} (pid ${this.pid}) ended: code ${code}, signal ${signal}\n`)
        this.#changed()
        resolve({ code, signal })
      })
    })
    this.#child.on('message', (message: WorkerMessage) => {
      this.messages.push(message)
      if (message.kind === 'log') log.write(`${message.level} ${message.text}\n`)
      this.#changed()
    })
  }

  get name(): string {
    return this.settings.name
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What it wrote to its standard error: the first line that names an error. */
  get lastError(): string {
    return this.#errors.split('\n').find((line) => /error/i.test(line)) ?? 'It wrote no error.'
  }

  /** Null while it runs. */
  get exit(): Exit | null {
    return this.#exit
  }

  get isRunning(): boolean {
    return this.#exit === null
  }

  get isReady(): boolean {
    return this.messages.some(({ kind }) => kind === 'ready')
  }

  /** Resolves when its worker has started. @throws when the process ends before. */
  async ready(): Promise<void> {
    await this.heard('that it is ready', (message) => message.kind === 'ready')
  }

  /** The first message that matches, whether it has come or will. @throws when the process ends without it. */
  async heard<M extends WorkerMessage>(
    what: string,
    isMeant: (message: WorkerMessage) => message is M,
  ): Promise<M>
  async heard(what: string, isMeant: (message: WorkerMessage) => boolean): Promise<WorkerMessage>
  async heard(what: string, isMeant: (message: WorkerMessage) => boolean): Promise<WorkerMessage> {
    for (;;) {
      const found = this.messages.find(isMeant)
      if (found !== undefined) return found
      if (this.#exit !== null) {
        const { code, signal } = this.#exit
        throw new Error(
          `${this.name} (pid ${this.pid}) never said ${what}: it ended, ${signal ?? code}. ${this.lastError}`,
        )
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#listeners.add(resolve)
      await promise
    }
  }

  /** Resolves when it said so (`say` of its cast). */
  async said(what: string): Promise<void> {
    await this.heard(what, (message) => message.kind === 'said' && message.what === what)
  }

  countSaid(what: string): number {
    return this.messages.filter((message) => message.kind === 'said' && message.what === what)
      .length
  }

  countEvents(name: string): number {
    return this.messages.filter((message) => message.kind === 'event' && message.name === name)
      .length
  }

  /** SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.killedAt ??= new Date()
    this.#child.kill('SIGKILL')
    await this.exited
  }

  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }

  /** Stops it in stages. Resolves when it is gone. */
  async stop(grace: { readonly waitMs: number; readonly abortMs: number }): Promise<Exit> {
    this.#order({ kind: 'stop', ...grace })
    return this.exited
  }

  async measure(): Promise<Measures> {
    this.#measured += 1
    const id = this.#measured
    this.#order({ kind: 'measure', id })
    const answer = await this.heard(
      'its measures',
      (message): message is Extract<WorkerMessage, { kind: 'measured' }> =>
        message.kind === 'measured' && message.id === id,
    )
    return answer.measures
  }

  #order(order: WorkerOrder): void {
    if (this.#child.connected) this.#child.send(order, () => undefined)
  }

  #changed(): void {
    for (const tell of this.#listeners) tell()
    this.#listeners.clear()
  }
}
