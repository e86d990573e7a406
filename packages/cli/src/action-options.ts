// The options of one operator action, from the command line to what the engine takes: only those that were given, because
// an action refuses what it does not know.
import type { Json } from '@tasker/engine'
import { readJson } from './json-argument.ts'
import { operatorName } from './operator.ts'

export interface SignatureOptions {
  readonly reason?: string
  readonly actor?: string
}

export interface ActionOptions extends SignatureOptions {
  readonly step?: readonly string[]
  readonly attempts?: number
  readonly limit?: number
  /** JSON, @file or name.json. */
  readonly result?: string
}

export interface GivenSignature {
  readonly actor: string
  readonly reason?: string
}

export interface GivenAction extends GivenSignature {
  readonly step?: readonly string[]
  readonly attempts?: number
  readonly limit?: number
  readonly result?: Json
}

export function signatureOf({ actor, reason }: SignatureOptions): GivenSignature {
  return { actor: actor ?? operatorName(), ...(reason === undefined ? {} : { reason }) }
}

/** @throws {UsageError} when the result is no JSON. */
export async function readActionOptions(options: ActionOptions): Promise<GivenAction> {
  const { step, attempts, limit, result } = options
  return {
    ...signatureOf(options),
    ...(step === undefined ? {} : { step }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(limit === undefined ? {} : { limit }),
    ...(result === undefined ? {} : { result: await readJson(result, '--result') }),
  }
}
