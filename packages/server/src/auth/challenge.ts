// What a caller is told to authenticate with: the value of `WWW-Authenticate` by what the authenticators read.
import type { Authenticator, SecurityScheme } from './model.ts'

/** `error`: why credentials were refused, in the words of RFC 6750; null: there were none. */
export function challengeOf(members: readonly Authenticator[], error: string | null): string {
  const schemes = members.flatMap(({ securitySchemes }) => securitySchemes ?? [])
  const names = new Set(schemes.map(nameOf))
  if (names.size === 0) names.add('Bearer')
  return [...names]
    .map((name) => {
      const reason = name === 'Bearer' && error !== null ? `, error="${error}"` : ''
      return `${name} realm="tasker"${reason}`
    })
    .join(', ')
}

function nameOf({ scheme }: SecurityScheme): string {
  if (scheme.type === 'http') return 'Bearer'
  return scheme.in === 'cookie' ? 'Cookie' : 'ApiKey'
}
