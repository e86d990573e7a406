// API tokens as they are stored: the hash of the secret and what it may do. Making and checking secrets is
// api-token-operations.ts.
import type { Database, Row } from './connect.ts'
import { afterMs, instant } from './sql-instant.ts'

export interface ApiToken {
  /** Stands in the token in clear: 16 hexadecimal digits. */
  readonly tokenId: string
  readonly name: string
  /** Permissions, `tasker.task:show`, `tasker.task:*` or `*`: it may do nothing beyond. */
  readonly scopes: readonly string[]
  /** Null: all. */
  readonly namespaces: readonly string[] | null
  readonly createdAt: Date
  readonly createdBy: string
  readonly rotatedAt: Date | null
  /** The secret before the last rotation holds until then; null: it does not. */
  readonly previousUntil: Date | null
  /** Null: never. */
  readonly expiresAt: Date | null
  readonly isExpired: boolean
  /** To the minute. */
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
  readonly revokedBy: string | null
}

// Never the hashes.
const tokenColumns = (now: string): string => `token_id, name, scopes, namespaces,
  created_at, created_by, rotated_at, previous_until, expires_at, last_used_at, revoked_at, revoked_by,
  coalesce(expires_at <= ${now}, false) as is_expired`

export interface NewApiToken {
  readonly tokenId: string
  readonly name: string
  readonly secretHash: Buffer
  readonly scopes: readonly string[]
  readonly namespaces: readonly string[] | null
  /** Null: it does not expire. */
  readonly expiresInMs: number | null
  readonly actor: string
}

/** Null: there is one of this name. */
export async function createApiToken(
  database: Database,
  token: NewApiToken,
  now: Date | null,
): Promise<ApiToken | null> {
  const { schema } = database
  const at = instant('$1')
  const rows = await database.run(
    'create_api_token',
    `insert into ${schema}.api_tokens
       (token_id, name, secret_hash, scopes, namespaces, created_at, created_by, expires_at)
     values ($2, $3, $4, $5, $6, ${at}, $7, ${afterMs(at, '$8')})
     on conflict (name) do nothing
     returning ${tokenColumns(at)}`,
    [
      now,
      token.tokenId,
      token.name,
      token.secretHash,
      token.scopes,
      token.namespaces,
      token.actor,
      token.expiresInMs,
    ],
  )
  return rows[0] === undefined ? null : readToken(rows[0])
}

/** By name. */
export async function readApiTokens(database: Database, now: Date | null): Promise<ApiToken[]> {
  const { schema } = database
  const rows = await database.run(
    'read_api_tokens',
    `select ${tokenColumns(instant('$1'))} from ${schema}.api_tokens order by name`,
    [now],
  )
  return rows.map(readToken)
}

export interface ApiTokenSecrets {
  readonly token: ApiToken
  readonly secretHash: Buffer
  /** Of the secret before the last rotation, while it holds. */
  readonly previousHash: Buffer | null
  /** Its last use was noted more than a minute ago. */
  readonly isUseDue: boolean
}

export async function findApiToken(
  database: Database,
  tokenId: string,
  now: Date | null,
): Promise<ApiTokenSecrets | null> {
  const { schema } = database
  const at = instant('$2')
  const rows = await database.run(
    'find_api_token',
    `select ${tokenColumns(at)}, secret_hash,
       case when previous_until > ${at} then previous_hash end as previous_hash,
       coalesce(last_used_at <= ${at} - interval '1 minute', true) as is_use_due
     from ${schema}.api_tokens
     where token_id = $1`,
    [tokenId, now],
  )
  const row = rows[0]
  if (row === undefined) return null
  return {
    token: readToken(row),
    secretHash: row['secret_hash'] as Buffer,
    previousHash: row['previous_hash'] as Buffer | null,
    isUseDue: row['is_use_due'] as boolean,
  }
}

/** Once a minute, whoever comes first. */
export async function noteApiTokenUse(
  database: Database,
  tokenId: string,
  now: Date | null,
): Promise<void> {
  await database.run(
    'note_api_token_use',
    `update ${database.schema}.api_tokens set last_used_at = ${instant('$2')}
     where token_id = $1 and coalesce(last_used_at <= ${instant('$2')} - interval '1 minute', true)`,
    [tokenId, now],
  )
}

export interface ApiTokenRotation {
  /** Its name or id. */
  readonly token: string
  readonly secretHash: Buffer
  /** How long the secret before still holds. */
  readonly graceMs: number
  /** Null: never. Undefined: as long as it was given before. */
  readonly expiresInMs: number | null | undefined
}

/** Null: there is none, or it is revoked. The secret before holds no longer than it would have. */
export async function rotateApiToken(
  database: Database,
  rotation: ApiTokenRotation,
  now: Date | null,
): Promise<ApiToken | null> {
  const { schema } = database
  const at = instant('$1')
  const rows = await database.run(
    'rotate_api_token',
    `update ${schema}.api_tokens set
       secret_hash = $3,
       previous_hash = case when $4::double precision > 0 then secret_hash end,
       previous_until = case when $4 > 0 then least(${afterMs(at, '$4')}, expires_at) end,
       expires_at = case when $5 then ${afterMs(at, '$6')}
         else ${at} + (expires_at - coalesce(rotated_at, created_at)) end,
       rotated_at = ${at}
     where (name = $2 or token_id = $2) and revoked_at is null
     returning ${tokenColumns(at)}`,
    [
      now,
      rotation.token,
      rotation.secretHash,
      rotation.graceMs,
      rotation.expiresInMs !== undefined,
      rotation.expiresInMs ?? null,
    ],
  )
  return rows[0] === undefined ? null : readToken(rows[0])
}

/** Null: there is none that is not revoked already. */
export async function revokeApiToken(
  database: Database,
  { token, actor }: { readonly token: string; readonly actor: string },
  now: Date | null,
): Promise<ApiToken | null> {
  const { schema } = database
  const at = instant('$1')
  const rows = await database.run(
    'revoke_api_token',
    `update ${schema}.api_tokens set revoked_at = ${at}, revoked_by = $3
     where (name = $2 or token_id = $2) and revoked_at is null
     returning ${tokenColumns(at)}`,
    [now, token, actor],
  )
  return rows[0] === undefined ? null : readToken(rows[0])
}

// Casts: the columns of sql/migrations/0011_audit_and_tokens.sql.
const readToken = (row: Row): ApiToken => ({
  tokenId: row['token_id'] as string,
  name: row['name'] as string,
  scopes: row['scopes'] as string[],
  namespaces: row['namespaces'] as string[] | null,
  createdAt: row['created_at'] as Date,
  createdBy: row['created_by'] as string,
  rotatedAt: row['rotated_at'] as Date | null,
  previousUntil: row['previous_until'] as Date | null,
  expiresAt: row['expires_at'] as Date | null,
  isExpired: row['is_expired'] as boolean,
  lastUsedAt: row['last_used_at'] as Date | null,
  revokedAt: row['revoked_at'] as Date | null,
  revokedBy: row['revoked_by'] as string | null,
})
