// How this process traces: what the application has registered with OpenTelemetry, or, where it has registered nothing and
// its packages are there, a set-up of the validator's own.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { codeOf } from '../failure.ts'
import type { Environment } from '../environment.ts'
import type { Finding } from './checklist.ts'
import { at, listAt, textAt } from './json-path.ts'
import { tracesAt } from './otlp-probe.ts'

export interface TracingFacts {
  /** `@opentelemetry/api` can be loaded from the project. */
  readonly hasApi: boolean
  /** Class of the registered provider; null: none is. */
  readonly provider: string | null
  /** Whether the validator registered it. */
  readonly isOwn: boolean
  /** Classes; empty: not known. */
  readonly exporters: readonly string[]
  /** As it describes itself; empty: not known. */
  readonly sampler: string
  /** The name of the service in its resource; empty: not known. */
  readonly service: string
  /** `OTEL_*` of the environment; what may be a secret is hidden. */
  readonly variables: Readonly<Record<string, string>>
  /** Packages with which the validator could have registered one, and which are not there. */
  readonly missing: readonly string[]
}

export interface Tracing {
  readonly facts: TracingFacts
  /** Sends what is still held back. */
  flush(): Promise<void>
}

export const sdkPackages = [
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/exporter-trace-otlp-http',
] as const

interface Wanted {
  /** The folder whose packages are the application's. */
  readonly folder: string
  readonly env: Environment
  /** Name of the service, where the validator registers a provider. */
  readonly service: string
  /** Where that one sends spans; null: as the environment says. */
  readonly otlpUrl: string | null
}

export async function openTracing(wanted: Wanted): Promise<Tracing> {
  const { folder, env } = wanted
  const load = loaderIn(folder)
  const api = await load('@opentelemetry/api')
  const found = api === null ? null : registered(api)
  const packages = found === null ? await Promise.all(sdkPackages.map(load)) : []
  const missing = sdkPackages.filter((_name, index) => packages[index] === null)
  const own =
    api !== null && found === null && missing.length === 0 ? await register(packages, wanted) : null
  const provider = found ?? own
  return {
    facts: {
      hasApi: api !== null,
      provider: provider === null ? null : classOf(provider),
      isOwn: own !== null,
      exporters: provider === null ? [] : exportersOf(provider),
      sampler: provider === null ? '' : samplerOf(provider),
      service: textAt(member(at(provider, '_resource'), 'attributes'), 'service.name'),
      variables: variablesOf(env),
      missing: found === null ? missing : [],
    },
    async flush() {
      try {
        await call(provider, 'forceFlush')
      } catch (error) {
        const reasons = reasonsOf(error).join(', ')
        throw new Error(`Spans could not be sent: ${reasons}.`, { cause: error })
      }
    },
  }
}

/** A provider is registered, it samples, and nothing switches it off. `isEnabled`: `telemetry.enabled`. */
export function tracingFinding(
  facts: TracingFacts,
  { isEnabled = true }: { readonly isEnabled?: boolean } = {},
): Finding {
  const { hasApi, provider, isOwn, exporters, sampler, service, variables, missing } = facts
  const faults = [
    ...(isEnabled ? [] : ['telemetry.enabled is false: nothing is traced.']),
    ...(hasApi ? [] : ['The package @opentelemetry/api is not installed in this project.']),
    ...(hasApi && provider === null ? ['No tracer provider is registered in this process.'] : []),
    ...(/^(?:ParentBased\{root=)?AlwaysOff/.test(sampler)
      ? [`The sampler ${sampler} samples nothing.`]
      : []),
    ...(variables['OTEL_SDK_DISABLED']?.toLowerCase() === 'true'
      ? ['OTEL_SDK_DISABLED switches the SDK off.']
      : []),
    ...(variables['OTEL_TRACES_EXPORTER'] === 'none'
      ? ['OTEL_TRACES_EXPORTER is none: nothing is exported.']
      : []),
  ]
  const whose = isOwn ? ' of this command: your application registers none here' : ''
  const parts = [
    `${provider ?? 'no provider'}${whose}`,
    ...(service === '' ? [] : [`service ${service}`]),
    ...(exporters.length === 0 ? [] : [`exporter ${exporters.join(', ')}`]),
    ...(sampler === '' ? [] : [`sampler ${sampler}`]),
  ]
  const install = missing.length === 0 ? '' : ` Or install ${missing.join(' and ')}.`
  return {
    seen: parts.join('; '),
    faults,
    remedy: `Load the file that sets up OpenTelemetry: --import ./tracing.ts, or NODE_OPTIONS=--import.${install}`,
    more: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  }
}

type Load = (name: string) => Promise<unknown>

/** Null: it is not there. */
function loaderIn(folder: string): Load {
  const { resolve } = createRequire(join(folder, 'package.json'))
  return async (name) => {
    try {
      const loaded: unknown = await import(pathToFileURL(resolve(name)).href)
      return at(loaded, 'default') ?? loaded
    } catch (error) {
      if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(codeOf(error) ?? '')) return null
      throw error
    }
  }
}

/** What stands behind the proxy that the API hands out; null: nobody has registered. */
function registered(api: unknown): object | null {
  const provider = member(member(api, 'trace'), 'getTracerProvider', [])
  const behind = member(provider, 'getDelegate', []) ?? provider
  if (typeof behind !== 'object' || behind === null) return null
  return classOf(behind) === 'NoopTracerProvider' ? null : behind
}

async function register(
  [sdk, exporter]: readonly unknown[],
  { folder, service, otlpUrl }: Wanted,
): Promise<object> {
  // The resources of the very version that the SDK uses.
  const sdkPath = createRequire(join(folder, 'package.json')).resolve(sdkPackages[0])
  const resources = await loaderIn(join(sdkPath, '..'))('@opentelemetry/resources')
  const resource = member(resources, 'resourceFromAttributes', [{ 'service.name': service }])
  const address = otlpUrl === null ? {} : { url: tracesAt(otlpUrl) }
  const sender = construct(exporter, 'OTLPTraceExporter', address)
  const provider = construct(sdk, 'NodeTracerProvider', {
    ...(resource === undefined ? {} : { resource }),
    spanProcessors: [construct(sdk, 'BatchSpanProcessor', sender)],
  })
  member(provider, 'register', [])
  return provider
}

/** The SDK rejects with a list. */
const reasonsOf = (error: unknown): readonly string[] =>
  (Array.isArray(error) ? (error as readonly unknown[]) : [error]).map((each) =>
    each instanceof Error ? each.message : String(each),
  )

const classOf = (value: object): string => value.constructor.name

/** Private fields of the SDK: where they are named otherwise, nothing is known. */
function exportersOf(provider: object): readonly string[] {
  const processors = [
    ...listAt(provider, '_activeSpanProcessor', '_spanProcessors'),
    ...listAt(provider, '_registeredSpanProcessors'),
  ]
  const exporters = processors.map((each) => at(each, '_exporter'))
  const known = exporters.filter((each) => typeof each === 'object' && each !== null)
  return [...new Set(known.map(classOf))]
}

function samplerOf(provider: object): string {
  const sampler =
    at(provider, '_tracerOptions', 'sampler') ??
    at(provider, '_config', 'sampler') ??
    at(provider, '_sampler')
  const text = member(sampler, 'toString', [])
  if (typeof text !== 'string' || text.startsWith('[object')) return ''
  return text.replace(/, .*$/, '}') // of those that a parent decides, what decides without one
}

function variablesOf(env: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      if (!name.startsWith('OTEL_') || value === undefined) return []
      const isHidden =
        /HEADERS|KEY|TOKEN|CERTIFICATE|PASSWORD/.test(name) || /:\/\/[^/]*@/.test(value)
      return [[name, isHidden ? '***' : value]]
    }),
  )
}

/** A member of what another package exports, called where arguments are given; undefined where it is not there. */
function member(owner: unknown, name: string, args?: readonly unknown[]): unknown {
  if (owner === undefined || owner === null) return undefined
  const value: unknown = Reflect.get(Object(owner), name)
  if (args === undefined) return value
  return typeof value === 'function' ? (Reflect.apply(value, owner, args) as unknown) : undefined
}

async function call(owner: unknown, name: string): Promise<void> {
  await member(owner, name, [])
}

/** @throws when the package has no such class */
function construct(owner: unknown, name: string, ...args: readonly unknown[]): object {
  const made = member(owner, name)
  if (typeof made !== 'function') throw new Error(`OpenTelemetry has no ${name} here.`)
  return Reflect.construct(made, args) as object // what a class makes
}
