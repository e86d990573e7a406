// `ApiStepHandler`: an API step as a class, for applications that extend it and for YAML with `type: api`, which needs no class
// of its own. The same as a function is http-step.ts.
import type { HttpResponse } from '../../http/model.ts'
import type { Json, JsonObject } from '../../json.ts'
import type { ConfigurationFault, HandlerConfiguration } from '../handler-configuration.ts'
import { StepHandler, type StepSequence, type StepView, type TaskView } from '../step-handler.ts'
import type { StepExecution } from '../model.ts'
import type { HttpStepOptions } from './http-step.ts'
import { accept, perform, requireSettings } from './perform.ts'
import { readSettings, type SettingsLayer } from './read-settings.ts'
import type { ResponseSchema } from './settings.ts'

/** What a class of API steps may say about all of them; `handler_config` and `request` stand before it. */
export type ApiStepSettings = Partial<
  Omit<HttpStepOptions<StepExecution, ResponseSchema, unknown>, 'processResults'>
>

/**
 * Base of API steps. Without a method of its own it sends the request that `settings` and the step's configuration describe,
 * and the body of the answer is the result. Override `process` to send others with `this.request`, and `processResults` to
 * make the result of the answer.
 */
export class ApiStepHandler extends StepHandler {
  /** Settings in code. Override as `static override readonly settings = { … }`. */
  static readonly settings: ApiStepSettings = {}

  /** Faults of the settings, found when the definition is built. */
  static configurationFaults(configuration: HandlerConfiguration): readonly ConfigurationFault[] {
    return readSettings(layersOf(this, configuration.config), configuration.parents).faults
  }

  /** The work of the step. What it returns is judged when it is a response. */
  override process(_task: TaskView, _sequence: StepSequence, _step: StepView): unknown {
    return this.request()
  }

  /**
   * Sends the configured request, with changes. Their texts are sent as they are: `{context.x}` and `${…}` are filled in the
   * settings only, because here they may come from a task or another system. What it returns is a success, and its body has
   * passed the schema.
   * @throws {RetryableError | PermanentError} for any other answer
   * @throws {SystemUnavailable} when a limit of the dependent system does not allow it now: let it pass
   */
  protected async request(changes: ApiStepSettings = {}): Promise<HttpResponse> {
    const own: SettingsLayer = {
      values: changes,
      isData: false,
      isSentAsItIs: true,
      path: ['handler', 'request'],
    }
    const layers = [...this.#layers, own]
    return perform(requireSettings(layers, this.execution.stepName), this.execution)
  }

  /** Keeps results that `process` set; otherwise they are the body of a response, or what `process` returned. */
  override processResults(
    step: StepView,
    output: unknown,
    initialResults: Json,
  ): void | Promise<void> {
    return super.processResults(step, isResponse(output) ? output.body : output, initialResults)
  }

  protected override async acceptOutput(output: unknown): Promise<unknown> {
    if (!isResponse(output)) return output
    return accept(output, requireSettings(this.#layers, this.execution.stepName), this.execution)
  }

  get #layers(): readonly SettingsLayer[] {
    const { constructor } = this
    // Each handler is made by a class that extends this one, or by this one.
    return layersOf(constructor as typeof ApiStepHandler, this.config)
  }
}

const layersOf = (
  Handler: Pick<typeof ApiStepHandler, 'settings'>,
  config: JsonObject | null,
): readonly SettingsLayer[] => [
  { values: Handler.settings, isData: false, path: ['handler', 'settings'] },
  { values: config, isData: true, path: ['config'] },
]

/** What the client returns, or a handler made to look like it. */
function isResponse(output: unknown): output is HttpResponse {
  return (
    typeof output === 'object' &&
    output !== null &&
    'status' in output &&
    typeof output.status === 'number' &&
    'headers' in output &&
    'body' in output
  )
}
