// Callers by API token, made with `tasker token create`. The database is asked at every request: nothing is remembered, so a
// token that is revoked is refused everywhere from then on.
import { looksLikeApiToken } from '@tasker/engine'
import { bearerToken } from './credentials.ts'
import { AuthenticationFailed, type Authenticator } from './model.ts'

export interface ApiTokenOptions {
  /** Looked at before `Authorization: Bearer`. Default `X-API-Token`. */
  readonly header?: string
}

/** The caller is `token:<name>`, with the scopes and the namespaces of the token. */
export function apiTokenAuthenticator({
  header = 'X-API-Token',
}: ApiTokenOptions = {}): Authenticator {
  return {
    securitySchemes: [
      { name: 'apiToken', scheme: { type: 'apiKey', in: 'header', name: header } },
      { name: 'apiTokenBearer', scheme: { type: 'http', scheme: 'bearer' } },
    ],
    configurationFaults: () =>
      /^[!#$%&'*+.^_`|~\w-]+$/.test(header) ? [] : ['has a `header` that is no name of a header'],
    async authenticate(request, _peer, tasker) {
      const own = request.headers.get(header)
      const bearer = bearerToken(request)
      const secret = own ?? (bearer !== null && looksLikeApiToken(bearer) ? bearer : null)
      if (secret === null) return null
      const check = await tasker.apiTokens.verify(secret.trim())
      switch (check.status) {
        case 'valid': {
          const { name, scopes, namespaces } = check.token
          return { id: `token:${name}`, permissions: scopes, scopes, namespaces }
        }
        case 'expired':
          throw new AuthenticationFailed('The API token has expired.')
        case 'revoked':
          throw new AuthenticationFailed('The API token was revoked.')
        case 'unknown':
          throw new AuthenticationFailed('The API token is not valid.')
        default:
          return check satisfies never
      }
    },
  }
}
