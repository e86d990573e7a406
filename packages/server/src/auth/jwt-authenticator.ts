// Callers by JSON Web Token: signature, issuer, audience and times are checked by jose; which claims make the caller is said
// here or by the application. No token and no caller is remembered; only the keys are.
import { errors, jwtVerify, type JWTPayload } from 'jose'
import { isCallerId } from './checked-caller.ts'
import { bearerToken } from './credentials.ts'
import {
  defaultAlgorithms,
  faultsOfKeys,
  getterOf,
  type JwtAlgorithm,
  type JwtKeys,
} from './jwt-keys.ts'
import { AuthenticationFailed, type Authenticator, type Caller } from './model.ts'

export interface JwtOptions {
  readonly keys: JwtKeys
  /** What `iss` must be, or one of. */
  readonly issuer: string | readonly string[]
  /** What `aud` must hold, or one of. */
  readonly audience: string | readonly string[]
  /** Nothing else is accepted, and `none` never. Default: HS256 with a secret; else RS256, ES256 and EdDSA. */
  readonly algorithms?: readonly JwtAlgorithm[]
  /** How far the clocks of issuer and server may be apart. Seconds, 0 to 300. Default 30. */
  readonly clockToleranceSeconds?: number
  /**
   * The caller by the claims of a token that was found good; null: it is none of ours, and refused. Default: `sub`, and the
   * lists of texts `roles`, `permissions` and `namespaces`.
   */
  readonly callerOf?: (claims: JWTPayload) => Promise<Caller | null> | Caller | null
}

export function jwtAuthenticator(options: JwtOptions): Authenticator {
  const { keys, callerOf = callerOfClaims, clockToleranceSeconds = 30 } = options
  const { algorithms = defaultAlgorithms(keys) } = options
  const issuer = [options.issuer].flat()
  const audience = [options.audience].flat()
  const faults = [
    ...faultsOfKeys(keys, algorithms),
    ...(issuer.some(isText) ? [] : ['has no `issuer`']),
    ...(audience.some(isText) ? [] : ['has no `audience`']),
    ...(clockToleranceSeconds >= 0 && clockToleranceSeconds <= 300
      ? []
      : ['has a `clockToleranceSeconds` that is not from 0 to 300']),
  ]
  const getKey = faults.length > 0 ? null : getterOf(keys)
  return {
    securitySchemes: [
      { name: 'jwt', scheme: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    ],
    configurationFaults: () => faults,
    async authenticate(request) {
      const token = bearerToken(request)
      if (token === null || getKey === null || !looksLikeJwt(token)) return null
      const claims = await claimsOf(async () => {
        const { payload } = await jwtVerify(token, getKey, {
          algorithms: [...algorithms],
          issuer,
          audience,
          clockTolerance: clockToleranceSeconds,
          requiredClaims: ['exp', 'sub'],
        })
        return payload
      })
      const caller = await callerOf(claims)
      if (caller === null) throw new AuthenticationFailed('The token is of nobody known here.')
      return caller
    },
  }
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

/** Signed and compact; whatever else comes as a bearer is not read here. */
const looksLikeJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)

async function claimsOf(verify: () => Promise<JWTPayload>): Promise<JWTPayload> {
  try {
    return await verify()
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new AuthenticationFailed('The token has expired.')
    if (error instanceof errors.JWTClaimValidationFailed)
      throw new AuthenticationFailed(`The claim "${error.claim}" of the token is not accepted.`)
    if (error instanceof errors.JOSEError) throw new AuthenticationFailed('The token is not valid.')
    throw error
  }
}

function callerOfClaims({ sub = '', roles, permissions, namespaces }: JWTPayload): Caller {
  // Who has an API token is called so.
  if (!isCallerId(sub) || sub.startsWith('token:'))
    throw new AuthenticationFailed('The claim "sub" of the token is not accepted.')
  return {
    id: sub,
    roles: textsOf('roles', roles) ?? [],
    permissions: textsOf('permissions', permissions) ?? [],
    namespaces: textsOf('namespaces', namespaces) ?? null,
  }
}

/** A claim that is there and is no list of texts is refused: read as none, `namespaces` would mean all. */
function textsOf(name: string, claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return undefined
  if (Array.isArray(claim) && claim.every((each) => typeof each === 'string')) return claim
  throw new AuthenticationFailed(`The claim "${name}" of the token is no list of texts.`)
}
