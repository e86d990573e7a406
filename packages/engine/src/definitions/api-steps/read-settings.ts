// Settings as they were written, in code or in YAML, become ApiSettings, with every fault found. Pure. Which keys there are is
// setting-keys.ts; what each part may be is read-parts.ts.
import { show } from '../names.ts'
import { isPlainObject } from '../json-value.ts'
import {
  readBaseUrl,
  readBody,
  readHeaders,
  readPath,
  readProxy,
  readQuery,
  readTls,
} from './read-parts.ts'
import type { FaultPath, GivenPart, PartReader } from './read-texts.ts'
import {
  readAddresses,
  readClassify,
  readInteger,
  readMethod,
  readProcessResults,
  readRedirects,
  readResponse,
  readTimeouts,
} from './read-choices.ts'
import { readKey, type SettingKey } from './setting-keys.ts'
import type { ConfigurationFault } from '../handler-configuration.ts'
import type { ApiSettings } from './settings.ts'

/** Settings from one place; later layers stand before earlier ones. */
export interface SettingsLayer {
  readonly values: unknown
  /** From YAML or the `config` of a step: JSON, stored with the definition. */
  readonly isData: boolean
  /** Given while the step runs, and so made of what the task and other systems say: nothing in it is filled in. */
  readonly isSentAsItIs?: boolean
  /** Put before the path of each fault. */
  readonly path: FaultPath
}

export interface SettingsReading {
  /** Null when there are faults. */
  readonly settings: ApiSettings | null
  readonly faults: readonly ConfigurationFault[]
}

/** `parents`: the steps whose results may be read; null: not known here. */
export function readSettings(
  layers: readonly SettingsLayer[],
  parents: readonly string[] | null,
): SettingsReading {
  const faults: ConfigurationFault[] = []
  const written = new Map<SettingKey, GivenPart[]>()
  for (const layer of layers) gather(layer, written, faults)

  const part = <Value>(key: SettingKey, read: (given: PartReader) => Value): Value =>
    read({
      given: written.get(key) ?? [],
      parents,
      report: (path, message) => faults.push({ path, message }),
    })

  const method = part('method', readMethod)
  const body = part('body', readBody)
  if (body !== null && (method === 'GET' || method === 'HEAD')) {
    faults.push({ path: pathOf(written, 'body'), message: `a ${method} has no body` })
  }
  const settings: ApiSettings = {
    baseUrl: part('baseUrl', readBaseUrl),
    path: part('path', readPath),
    method,
    query: part('query', readQuery),
    headers: part('headers', readHeaders),
    body,
    options: {
      timeouts: part('timeouts', readTimeouts),
      redirects: part('redirects', readRedirects),
      responseMaxBytes: part('responseMaxBytes', readInteger),
      allowedAddresses: part('allowedAddresses', readAddresses),
    },
    tls: part('tls', readTls),
    proxy: part('proxy', readProxy),
    ...part('classify', readClassify),
    checkResponse: part('response', readResponse),
    processResults: part('processResults', readProcessResults),
  }
  return { settings: faults.length === 0 ? Object.freeze(settings) : null, faults }
}

function gather(
  { values, isData, isSentAsItIs = false, path }: SettingsLayer,
  written: Map<SettingKey, GivenPart[]>,
  faults: ConfigurationFault[],
): void {
  if (values === undefined || values === null) return
  if (!isPlainObject(values)) {
    faults.push({ path, message: `expected a map of settings, received ${show(values)}` })
    return
  }
  const seen = new Map<SettingKey, string>()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const reading = readKey(name, value)
    const at: FaultPath = [...path, name]
    if (reading.kind === 'fault') faults.push({ path: at, message: reading.message })
    if (reading.kind !== 'setting') continue
    const before = seen.get(reading.key)
    seen.set(reading.key, name)
    if (before !== undefined) {
      faults.push({ path: at, message: `says the same as \`${before}\`; keep one of them` })
    } else if (value !== null || reading.key === 'proxy') {
      // Null is a key without a value, which leaves the default as it is; only `proxy` has a meaning for it.
      written.set(reading.key, [
        ...(written.get(reading.key) ?? []),
        { value, path: at, isData, isSentAsItIs },
      ])
    }
  }
}

const pathOf = (
  written: ReadonlyMap<SettingKey, readonly GivenPart[]>,
  key: SettingKey,
): FaultPath => written.get(key)?.at(-1)?.path ?? ['config', key]
