// The file of `task run --file`, made into a definition: a definition in YAML, or the trace of a recorded run in JSON.
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { readDefinition, readTrace, type TaskDefinition } from '@tasker/engine'
import { environment } from './environment.ts'
import { codeOf, UsageError } from './failure.ts'
import type { Settings } from './settings.ts'

/**
 * Handlers of a YAML file come from the configuration file. `timeScale`: of a trace, seconds for each recorded second.
 * @throws {UsageError} when the file cannot be read or is neither
 * @throws {TaskerError} YAML_INVALID, DEFINITION_INVALID with every fault
 */
export async function readTaskFile(
  file: string,
  { parts, resolved }: Settings,
  timeScale: number | undefined,
): Promise<TaskDefinition> {
  const { engine, execution } = resolved.config
  const stepsMax = execution.maxStepsPerTask
  switch (extname(file).toLowerCase()) {
    case '.json':
      return readTrace(await read(file), file, { stepsMax, timeScale: timeScale ?? 0 })
    case '.yaml':
    case '.yml':
      if (timeScale !== undefined) {
        throw new UsageError(
          '--time-scale is for traces; the steps of a YAML file run as they are.',
        )
      }
      return readDefinition(await read(file), file, {
        handlers: parts.handlers ?? {},
        environment: engine.environment,
        env: environment(),
        stepsMax,
      })
    default:
      throw new UsageError(
        `The file ${file} of --file is neither a definition (.yaml, .yml) nor a trace (.json).`,
      )
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown reason'
    throw new UsageError(`The file ${file} of --file cannot be read (${reason}).`)
  }
}
