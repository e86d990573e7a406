// API tokens: made, listed, rotated, revoked, verified. A secret is random, shown once and stored as its hash; every check asks
// the database, so a revoked token is refused by every process from that moment on.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from './clock.ts'
import {
  createApiToken,
  findApiToken,
  noteApiTokenUse,
  readApiTokens,
  revokeApiToken,
  rotateApiToken,
  type ApiToken,
} from './database/api-tokens.ts'
import type { Database } from './database/connect.ts'
import { didYouMean } from './definitions/names.ts'
import { TaskerError } from './errors.ts'
import { faultsOf, refuseInput, text } from './tasks/check-input.ts'

export interface NewToken {
  /** 1 to 100 letters, digits and `._-`; never given again. Its caller is `token:<name>`. */
  readonly name: string
  /** `tasker.task:show`, `tasker.task:*` or `*`; 1 to 100. */
  readonly scopes: readonly string[]
  /** Null or left out: all. */
  readonly namespaces?: readonly string[] | null | undefined
  /** Milliseconds, 1,000 (a second) to 315,576,000,000 (10 years). Default 90 days. Null: never. */
  readonly expiresInMs?: number | null | undefined
  /** Who makes it. Default `code`. */
  readonly actor?: string | undefined
}

export interface TokenRotation {
  /** How long the secret before still holds. Milliseconds, 0 to 2,592,000,000 (30 days). Default 0: not at all. */
  readonly graceMs?: number | undefined
  /** Default: as long as it was given before. Null: never. */
  readonly expiresInMs?: number | null | undefined
}

export interface TokenWithSecret {
  readonly token: ApiToken
  /** The whole token, as it is sent. It can be had this once. */
  readonly secret: string
}

export type TokenCheck =
  | { readonly status: 'valid'; readonly token: ApiToken }
  | { readonly status: 'unknown' | 'expired' | 'revoked' }

export interface ApiTokens {
  /** @throws {TaskerError} REQUEST_INVALID, API_TOKEN_EXISTS */
  create(token: NewToken): Promise<TokenWithSecret>
  /** By name; revoked and expired ones too. */
  list(): Promise<readonly ApiToken[]>
  /** A new secret for the same token. @throws {TaskerError} REQUEST_INVALID, API_TOKEN_NOT_FOUND */
  rotate(nameOrId: string, rotation?: TokenRotation): Promise<TokenWithSecret>
  /** For good, in every process at once. @throws {TaskerError} API_TOKEN_NOT_FOUND */
  revoke(nameOrId: string, by?: { readonly actor?: string | undefined }): Promise<ApiToken>
  /** Whose token a text is. Of `expired` and `revoked` only who has the secret learns. */
  verify(secret: string): Promise<TokenCheck>
}

const dayMs = 86_400_000
const lifetime = z
  .number()
  .min(1_000)
  .max(3_652.5 * dayMs)
  .nullable()

const newTokenSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'is not 1 to 100 letters, digits and ._-')
    .refine((name) => !isTokenId(name), 'looks like the id of a token'),
  scopes: z
    .array(
      z
        .string()
        .regex(
          /^(\*|tasker\.[a-z_]{1,64}:(\*|[a-z_]{1,64}))$/,
          'is no permission: it looks like tasker.task:show, tasker.task:* or *',
        ),
    )
    .min(1)
    .max(100)
    .readonly(),
  namespaces: z.array(text(64)).min(1).max(100).readonly().nullable().default(null),
  expiresInMs: lifetime.default(90 * dayMs),
  actor: text(128).default('code'),
})

const rotationSchema = z.strictObject({
  graceMs: z
    .number()
    .min(0)
    .max(30 * dayMs)
    .default(0),
  expiresInMs: lifetime.optional(),
})

const form = /^tsk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

/** Whether a text has the form of an API token; nothing is said of its secret. */
export const looksLikeApiToken = (credential: string): boolean => credential.startsWith('tsk_')

export function apiTokenOperations({
  clock,
  database,
}: {
  readonly clock: Clock
  readonly database: Database
}): ApiTokens {
  const now = (): Date | null => clock.databaseNow()
  const missing = async (nameOrId: string): Promise<TaskerError> => {
    const tokens = await readApiTokens(database, now())
    const revoked = tokens.find(
      ({ name, tokenId, revokedAt }) => revokedAt !== null && [name, tokenId].includes(nameOrId),
    )
    if (revoked !== undefined)
      return notFound(`Token "${nameOrId}" was revoked by ${revoked.revokedBy ?? '?'}.`)
    const live = tokens.filter(({ revokedAt }) => revokedAt === null).map(({ name }) => name)
    const hint = didYouMean(nameOrId, live)
    return notFound(`There is no token "${nameOrId}"${hint === '' ? '.' : hint}`)
  }
  return {
    async create(asked) {
      const token = checked(newTokenSchema, asked, 'The token')
      const tokenId = randomBytes(8).toString('hex')
      const { secret, secretHash } = newSecret()
      const created = await createApiToken(database, { ...token, tokenId, secretHash }, now())
      if (created === null)
        throw new TaskerError('API_TOKEN_EXISTS', `There is a token "${token.name}" already.`)
      return { token: created, secret: `tsk_${tokenId}_${secret}` }
    },
    list: () => readApiTokens(database, now()),
    async rotate(nameOrId, asked = {}) {
      const { graceMs, expiresInMs } = checked(rotationSchema, asked, 'The rotation')
      const { secret, secretHash } = newSecret()
      const rotation = { token: nameOrId, secretHash, graceMs, expiresInMs }
      const token = await rotateApiToken(database, rotation, now())
      if (token === null) throw await missing(nameOrId)
      return { token, secret: `tsk_${token.tokenId}_${secret}` }
    },
    async revoke(nameOrId, { actor = 'code' } = {}) {
      const token = await revokeApiToken(database, { token: nameOrId, actor }, now())
      if (token === null) throw await missing(nameOrId)
      return token
    },
    async verify(given) {
      const [, tokenId, secret] = form.exec(given) ?? []
      if (tokenId === undefined || secret === undefined) return { status: 'unknown' }
      const found = await findApiToken(database, tokenId, now())
      const hash = hashOf(secret)
      // Both are compared, and something is where there is no token, so that time tells nothing of which it was.
      const isCurrent = timingSafeEqual(hash, found?.secretHash ?? nobodys)
      const isPrevious = timingSafeEqual(hash, found?.previousHash ?? nobodys)
      if (found === null || !(isCurrent || isPrevious)) return { status: 'unknown' }
      if (found.token.revokedAt !== null) return { status: 'revoked' }
      if (found.token.isExpired) return { status: 'expired' }
      if (found.isUseDue) await noteApiTokenUse(database, tokenId, now())
      return { status: 'valid', token: found.token }
    },
  }
}

const isTokenId = (name: string): boolean => /^[0-9a-f]{16}$/.test(name)

function newSecret(): { readonly secret: string; readonly secretHash: Buffer } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, secretHash: hashOf(secret) }
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** Of no secret that anybody can send. */
const nobodys = Buffer.alloc(32)

function checked<Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
  what: string,
): z.infer<Schema> {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  const kind = { keyIs: 'an option', knownKeys: Object.keys(schema.shape) }
  throw refuseInput(what, faultsOf(read.error, kind))
}

const notFound = (message: string): TaskerError => new TaskerError('API_TOKEN_NOT_FOUND', message)
