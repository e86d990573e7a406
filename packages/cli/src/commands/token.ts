// `tasker token …`: makes, lists, rotates and revokes API tokens. Each change stands in the audit log.
import { type ApiToken, type JsonObject, type Tasker, type TokenWithSecret } from '@tasker/engine'
import { permissions, unknownGrants } from '@tasker/server'
import { formatTable, type Column } from '../columns.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import { operatorName } from '../operator.ts'
import type { CommandContext } from '../program.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'
import { formatTime } from '../wording.ts'

interface ActorOption {
  readonly actor?: string
}

type Lifetime = number | 'never'

export interface TokenCreateOptions extends ActorOption {
  readonly scope: readonly string[]
  readonly namespace?: readonly string[]
  readonly expires?: Lifetime
}

export async function tokenCreate(
  command: CommandContext,
  name: string,
  { scope, namespace, expires, actor = operatorName() }: TokenCreateOptions,
): Promise<ExitCode> {
  requirePermissions(scope)
  return withTasker(command, async (tasker) => {
    const addressed = { token: name, scopes: [...scope], namespaces: namespace?.slice() ?? null }
    const made = await audited(tasker, { actor, operation: 'createApiToken', addressed }, () =>
      tasker.apiTokens.create({
        name,
        scopes: scope,
        namespaces: namespace ?? null,
        ...(expires === undefined ? {} : { expiresInMs: inMs(expires) }),
        actor,
      }),
    )
    return printSecret(made, command.terminal)
  })
}

export async function tokenList(command: CommandContext): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const tokens = await tasker.apiTokens.list()
    terminal.document({ tokens })
    if (terminal.isJson) return 0
    const { paint, width } = terminal
    const columns: readonly Column<ApiToken>[] = [
      { title: 'Token', text: ({ name }) => name },
      { title: 'Id', text: ({ tokenId }) => tokenId, paint: paint.dim },
      {
        title: 'State',
        text: stateOf,
        paint: (text) => (text === 'valid' ? paint.green(text) : paint.red(text)),
      },
      { title: 'Expires', text: ({ expiresAt }) => timeOr(expiresAt, 'never') },
      { title: 'Last used', text: ({ lastUsedAt }) => timeOr(lastUsedAt, 'never') },
      { title: 'Namespaces', text: ({ namespaces }) => namespaces?.join(', ') ?? 'all' },
      { title: 'May', text: ({ scopes }) => scopes.join(', ') },
    ]
    terminal.print(
      tokens.length === 0
        ? 'No tokens.'
        : formatTable(tokens, columns, { width, paintTitle: paint.dim }),
    )
    return 0
  })
}

export interface TokenRotateOptions extends ActorOption {
  /** Milliseconds. */
  readonly grace?: number
  readonly expires?: Lifetime
}

export async function tokenRotate(
  command: CommandContext,
  name: string,
  { grace = 0, expires, actor = operatorName() }: TokenRotateOptions,
): Promise<ExitCode> {
  return withTasker(command, async (tasker) => {
    const attempt = { actor, operation: 'rotateApiToken', addressed: { token: name } }
    const rotation = {
      graceMs: grace,
      ...(expires === undefined ? {} : { expiresInMs: inMs(expires) }),
    }
    const made = await audited(tasker, attempt, () => tasker.apiTokens.rotate(name, rotation))
    return printSecret(made, command.terminal)
  })
}

export async function tokenRevoke(
  command: CommandContext,
  name: string,
  { actor = operatorName() }: ActorOption,
): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const attempt = { actor, operation: 'revokeApiToken', addressed: { token: name } }
    const token = await audited(tasker, attempt, () => tasker.apiTokens.revoke(name, { actor }))
    terminal.document({ token })
    if (!terminal.isJson)
      terminal.print(`Token ${token.name} is revoked: every server refuses it from now on.`)
    return 0
  })
}

/** One that is misspelt would grant nothing, and nobody would know why. */
function requirePermissions(scopes: readonly string[]): void {
  const unknown = unknownGrants(scopes)
  if (unknown.length === 0) return
  const are = unknown.length === 1 ? 'is no permission' : 'are no permissions'
  throw new UsageError(
    `${unknown.join(', ')} ${are}. There are: ${permissions.join(', ')}; resource:* is all of one, * everything.`,
  )
}

async function audited<Result>(
  tasker: Tasker,
  attempt: { readonly actor: string; readonly operation: string; readonly addressed: JsonObject },
  act: () => Promise<Result>,
): Promise<Result> {
  const change = await tasker.audit.begin({ ...attempt, transport: 'cli' })
  try {
    const result = await act()
    await change.end({ outcome: 'done' })
    return result
  } catch (error) {
    await change.end({ outcome: 'refused' })
    throw error
  }
}

const inMs = (lifetime: Lifetime): number | null => (lifetime === 'never' ? null : lifetime)

const timeOr = (time: Date | null, otherwise: string): string =>
  time === null ? otherwise : formatTime(time)

function stateOf({ revokedAt, isExpired }: ApiToken): string {
  if (revokedAt !== null) return 'revoked'
  return isExpired ? 'expired' : 'valid'
}

function printSecret({ token, secret }: TokenWithSecret, terminal: Terminal): ExitCode {
  terminal.document({ token, secret })
  if (terminal.isJson) return 0
  const { name, scopes, namespaces, expiresAt, previousUntil } = token
  const where = namespaces === null ? 'all namespaces' : `namespaces ${namespaces.join(', ')}`
  const may = `${scopes.join(', ')} in ${where}`
  terminal.log(`Token ${name}: ${may}; expires ${timeOr(expiresAt, 'never')}.`)
  if (previousUntil !== null)
    terminal.log(`The secret before holds until ${formatTime(previousUntil)}.`)
  terminal.log(`This is its secret. Keep it: it is stored nowhere, and cannot be shown again.`)
  terminal.print(secret)
  return 0
}
