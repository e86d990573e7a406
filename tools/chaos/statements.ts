// Sees every statement that this process sends, by hooking into the driver: the engine knows nothing of it. The name of a
// statement is that of the SQL function or verb it calls, so that a call nobody has thought of shows up under its name.
import pg from 'pg'

export interface Statement {
  /** `finish_steps`, `renew_worker`, `listen`, `begin`, … */
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

export interface StatementWatch {
  /** About to be sent. */
  before?(statement: Statement): void
  /** Committed or failed, and answered; who sent it has not seen the answer yet. `rows` is null when it failed. */
  after?(statement: Statement, rows: readonly Readonly<Record<string, unknown>>[] | null): void
}

type Answer = (error: unknown, result: pg.QueryResult | undefined) => void

/** From now on, for the whole process. */
export function watchStatements(watch: StatementWatch): void {
  // Its overloads are one function, which is only ever applied to a client.
  const original = Reflect.get(pg.Client.prototype, 'query') as (...given: unknown[]) => unknown
  const query = function (this: pg.Client, ...given: unknown[]): unknown {
    const statement = read(given)
    if (statement === null) return original.apply(this, given)
    watch.before?.(statement)
    const told = (result: unknown): void => watch.after?.(statement, rowsOf(result))
    const last = given.at(-1)
    if (typeof last === 'function') {
      const answer: Answer = (error, result) => {
        told(error ? null : result)
        ;(last as Answer)(error, result) // the driver's own callback
      }
      return original.apply(this, [...given.slice(0, -1), answer])
    }
    return (original.apply(this, given) as Promise<unknown>).then(
      (result) => {
        told(result)
        return result
      },
      (error: unknown) => {
        told(null)
        throw error
      },
    )
  }
  Object.assign(pg.Client.prototype, { query })
}

/** The name under which a statement counts. */
export function nameOf(text: string): string {
  const called = /(?:\bfrom|\bselect)\s+"?\w+"?\.(\w+)\s*\(/i.exec(text)?.[1]
  if (called !== undefined) return called
  const [, verb = text] = /^\s*(\w+)/.exec(text) ?? []
  return verb.toLowerCase()
}

function read([config, values]: readonly unknown[]): Statement | null {
  const given = typeof config === 'string' ? { text: config, values } : config
  if (typeof given !== 'object' || given === null || !('text' in given) || 'submit' in given)
    return null
  const text = String(given.text)
  const name = 'name' in given && typeof given.name === 'string' ? given.name : nameOf(text)
  const sent: unknown = 'values' in given && given.values !== undefined ? given.values : values
  return { name, text, values: Array.isArray(sent) ? (sent as unknown[]) : [] }
}

function rowsOf(result: unknown): readonly Readonly<Record<string, unknown>>[] | null {
  const rows =
    typeof result === 'object' && result !== null && 'rows' in result ? result.rows : null
  return Array.isArray(rows) ? (rows as Readonly<Record<string, unknown>>[]) : null
}
