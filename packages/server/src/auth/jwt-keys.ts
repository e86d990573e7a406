// The keys that JSON Web Tokens are checked with: a shared secret, a public key, or a set of them that the issuer publishes.
// Fetching a set is bounded in time, size and frequency; keys that cannot be had are the server's trouble, not the caller's.
import { createPublicKey, type KeyObject } from 'node:crypto'
import { systemClock, TaskerError } from '@tasker/engine'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose'

const hmacs = ['HS256', 'HS384', 'HS512'] as const
const signatures = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
]
export type JwtAlgorithm = (typeof hmacs)[number] | (typeof signatures)[number]

export type JwtKeys =
  /** The set that the issuer publishes, read when it is needed and kept for ten minutes. https, or a loopback address. */
  | { readonly jwksUrl: string }
  | { readonly jwks: JSONWebKeySet }
  /** As PEM, or a key object of Node. */
  | { readonly publicKey: string | KeyObject }
  /** Shared with the issuer: at least 32 bytes (HS384: 48, HS512: 64). */
  | { readonly secret: string | Uint8Array }

export type GetKey = JWTVerifyGetKey

/** What is wrong with the keys or with the algorithms they are for, in sentences. */
export function faultsOfKeys(keys: JwtKeys, algorithms: readonly JwtAlgorithm[]): string[] {
  const isSecret = 'secret' in keys
  const possible: readonly string[] = isSecret ? hmacs : signatures
  const wrong = algorithms.filter((algorithm) => !possible.includes(algorithm))
  const forWhat = isSecret ? 'a shared secret' : 'a public key'
  return [
    ...(algorithms.length === 0 ? ['allows no algorithm'] : []),
    ...wrong.map((algorithm) => `allows "${algorithm}", which is not for ${forWhat}`),
    ...('jwksUrl' in keys && !isSafeUrl(keys.jwksUrl)
      ? ['has a `jwksUrl` that is neither https nor of a loopback address']
      : []),
    ...('publicKey' in keys && publicKeyOf(keys.publicKey) === null
      ? ['has a `publicKey` that cannot be read as one']
      : []),
    ...(isSecret ? faultsOfSecret(bytesOf(keys.secret).byteLength, algorithms) : []),
  ]
}

export const defaultAlgorithms = (keys: JwtKeys): readonly JwtAlgorithm[] =>
  'secret' in keys ? ['HS256'] : ['RS256', 'ES256', 'EdDSA']

/** Of keys without a fault. @throws {TaskerError} AUTHENTICATION_UNAVAILABLE */
export function getterOf(keys: JwtKeys): GetKey {
  if ('jwksUrl' in keys) return remoteKeys(keys.jwksUrl)
  if ('jwks' in keys) return createLocalJWKSet(keys.jwks)
  const key = 'secret' in keys ? bytesOf(keys.secret) : publicKeyOf(keys.publicKey)
  return () => {
    if (key !== null) return key
    throw new TaskerError('AUTH_MISCONFIGURED', 'The public key cannot be read.')
  }
}

function faultsOfSecret(byteCount: number, algorithms: readonly JwtAlgorithm[]): string[] {
  const bits = Math.max(256, ...algorithms.map((algorithm) => Number(algorithm.slice(2)) || 0))
  const min = bits / 8
  return byteCount >= min
    ? []
    : [`has a \`secret\` of ${byteCount} bytes; it needs ${min} at least`]
}

const bytesOf = (secret: string | Uint8Array): Uint8Array =>
  typeof secret === 'string' ? new TextEncoder().encode(secret) : secret

function publicKeyOf(key: string | KeyObject): KeyObject | null {
  if (typeof key !== 'string') return key.type === 'public' ? key : null
  try {
    return createPublicKey(key)
  } catch {
    return null
  }
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  if (protocol === 'https:') return true
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

const cacheMaxAgeMs = 600_000
const timeoutMs = 5_000
/** Not asked again so soon: for a key that the set does not have, and after a failure. */
const cooldownMs = 30_000
const pauseAfterFailureMs = 2_000
const bytesMax = 1_048_576

function remoteKeys(url: string): GetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: cacheMaxAgeMs,
    cooldownDuration: cooldownMs,
    timeoutDuration: timeoutMs,
    [customFetch]: boundedFetch(),
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (isAboutToken(error)) throw error
      const sentence = 'The keys of the issuer cannot be read now.'
      throw new TaskerError('AUTHENTICATION_UNAVAILABLE', sentence, {}, error)
    }
  }
}

/** The set was read; the token does not go with it. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

function boundedFetch(): FetchImplementation {
  let failedAtMs = Number.NEGATIVE_INFINITY
  return async (url, options) => {
    if (systemClock.monotonicMs() - failedAtMs < pauseAfterFailureMs)
      throw new Error('It could not be read a moment ago.')
    try {
      const response = await fetch(url, options)
      const text = await textAtMost(response, bytesMax)
      if (response.status !== 200) throw new Error(`It answered ${response.status}.`)
      return new Response(text, { status: 200 })
    } catch (error) {
      failedAtMs = systemClock.monotonicMs()
      throw error
    }
  }
}

async function textAtMost(response: Response, max: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  const body: AsyncIterable<Uint8Array> | null = response.body
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > max) throw new Error(`It is larger than ${max} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
