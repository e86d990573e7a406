// What went wrong, for a text that goes on: an error of ours without its remedy, which whoever writes the text has one of his own for.
import { errorCatalogue } from './error-catalogue.ts'
import { asError, TaskerError } from './errors.ts'

/** No sentence: without a full stop at its end. */
export function faultText(error: unknown): string {
  const { message } = asError(error)
  const remedy = error instanceof TaskerError ? errorCatalogue[error.code].remedy : ''
  const said =
    remedy !== '' && message.endsWith(remedy) ? message.slice(0, -remedy.length) : message
  return said.trimEnd().replace(/\.+$/, '')
}
