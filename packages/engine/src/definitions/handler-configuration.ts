// The door for handlers that know what their configuration must look like: asked when a definition is built, so that a fault
// is met then and not by the first task. A class has it as a static method, a function as a property. Pure.
import type { JsonObject } from '../json.ts'

/** A fault and where. */
export interface ConfigurationFault {
  /** Keys as they were written, behind the one that says whose fault it is: the step's `config` or the `handler` itself. */
  readonly path: readonly ['config' | 'handler', ...(string | number)[]]
  readonly message: string
}

export interface HandlerConfiguration {
  /** As it was written: `${VAR}` is not filled in. */
  readonly config: JsonObject | null
  /** Names of the steps whose results the handler gets. */
  readonly parents: readonly string[]
}

/** Who checks his configuration also fills the variables in it himself. */
export interface ConfiguredHandler {
  configurationFaults(configuration: HandlerConfiguration): readonly ConfigurationFault[]
}

export function isConfiguredHandler(handler: unknown): handler is ConfiguredHandler {
  return (
    typeof handler === 'function' &&
    typeof Reflect.get(handler, 'configurationFaults') === 'function'
  )
}
