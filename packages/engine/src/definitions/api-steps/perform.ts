// One request of an API step: sent, judged by the table or by the step, its body checked. Trying again is the engine's.
import { listFaults, PermanentError, RetryableError } from '../../errors.ts'
import { classOfStatus, type AnswerClass } from '../../http/answer-classes.ts'
import { errorOfFailure, errorOfResponse, type AnswerReading } from '../../http/answer-errors.ts'
import type { HttpRequest, HttpResponse } from '../../http/model.ts'
import type { JudgedRequest } from '../../http/systems/dependent-systems.ts'
import type { Json } from '../../json.ts'
import { quote } from '../names.ts'
import type { StepExecution } from '../model.ts'
import { buildRequest } from './build-request.ts'
import { readSettings, type SettingsLayer } from './read-settings.ts'
import type { ApiSettings } from './settings.ts'

/** The settings of layers that may have faults: found when the definition was built, or here when it was not. */
export function requireSettings(layers: readonly SettingsLayer[], stepName: string): ApiSettings {
  const { settings, faults } = readSettings(layers, null)
  if (settings !== null) return settings
  const listed = listFaults(faults.map(({ path, message }) => ({ path: path.join('.'), message })))
  throw new PermanentError(`The settings of step ${quote(stepName)} have ${listed}`, {
    code: 'HTTP_REQUEST_INVALID',
  })
}

/**
 * Sends the request that the settings describe.
 * @throws {RetryableError | PermanentError} for anything but a success with a body as it should be
 * @throws {SystemUnavailable} when a limit of the dependent system does not allow it now
 */
export async function perform(
  settings: ApiSettings,
  execution: StepExecution,
): Promise<HttpResponse> {
  const request = await buildRequest(settings, execution)
  const reading = readingOf(settings, execution, methodOf(request))
  const response = await send(request, execution, reading)
  return judge(response, settings, reading)
}

/**
 * Judges a response that a handler got by itself.
 * @throws {RetryableError | PermanentError} when it is no success, or its body is not as it should be
 */
export const accept = (
  response: HttpResponse,
  settings: ApiSettings,
  execution: StepExecution,
): Promise<HttpResponse> => judge(response, settings, readingOf(settings, execution))

const readingOf = (
  { overrides }: ApiSettings,
  execution: StepExecution,
  method?: string,
): AnswerReading => ({ overrides, method, redact: (text) => execution.redact(text) })

async function judge(
  response: HttpResponse,
  settings: ApiSettings,
  reading: AnswerReading,
): Promise<HttpResponse> {
  const meaning = meaningOf(response, settings)
  if (meaning.outcome !== 'success') throw errorOfResponse(response, meaning, reading)
  const { checkResponse } = settings
  // A status that only this step calls a success has another body than the one described.
  const isUsual = classOfStatus(response.status).outcome === 'success'
  if (checkResponse === null || !isUsual) return response
  const checked = await checkResponse(response.body)
  // What is stored is what the schema makes of it; that it is JSON is checked when it is stored.
  if (checked.ok) return { ...response, body: checked.value as Json }
  const { context } = errorOfResponse(response, { outcome: 'retryable' }, reading)
  throw new RetryableError(
    `The answer does not match the schema of the response, ${listFaults(checked.faults)}`,
    { context: { ...context, faults: checked.faults } },
  )
}

async function send(
  request: HttpRequest,
  execution: StepExecution,
  reading: AnswerReading,
): Promise<HttpResponse> {
  const judged: JudgedRequest = { ...request, overrides: reading.overrides }
  try {
    return await execution.http.request(judged)
  } catch (error) {
    throw errorOfFailure(error, reading)
  }
}

function meaningOf(response: HttpResponse, settings: ApiSettings): Pick<AnswerClass, 'outcome'> {
  const own = settings.classify?.(response)
  return own === undefined ? classOfStatus(response.status, settings.overrides) : { outcome: own }
}

const methodOf = ({ method, body }: HttpRequest): string =>
  method ?? (body === undefined ? 'GET' : 'POST')
