// Options of the section `auth`: who is asking, and what may they do. Read by the server.
import { fromCode, listOf, nullOr, text, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

/** An authenticator or an authorization coordinator; its methods are the server's contract. */
export type AuthPart = object

const isAuthPart = (value: unknown): value is AuthPart =>
  typeof value === 'function' || (typeof value === 'object' && value !== null)

export const authOptions = {
  authenticationEnabled: option(yesOrNo(), {
    default: false,
    help: 'Every request to the server must name its caller. Needs `auth.authenticator`.',
    reason: 'Off as in the first generation, so that a first run needs no credentials.',
  }),
  authenticator: option(nullOr(fromCode(isAuthPart, 'an authenticator object')), {
    default: null,
    help: 'Finds out who sends a request. Given in code, as the object itself.',
    reason:
      'Replaces the class name of the first generation, which was resolved at the first request.',
  }),
  authorizationEnabled: option(yesOrNo(), {
    default: false,
    help:
      'Every operation is put before `auth.authorizationCoordinator`; without one, all are ' +
      'denied. ' +
      'Works without authentication: the coordinator then sees no caller.',
    reason: 'Off as in the first generation; denying without a coordinator is its default policy.',
  }),
  authorizationCoordinator: option(
    nullOr(fromCode(isAuthPart, 'an authorization coordinator object')),
    {
      default: null,
      help:
        'Decides whether a caller may do something. Null denies. Given in code, as the ' +
        'object itself.',
      reason: 'Replaces the class name of the first generation, whose base coordinator denied all.',
    },
  ),
  trustedOrigins: option(
    listOf(
      text({
        pattern: /^https?:\/\/[^/\s?#@]+$/,
        looksLike: 'an origin such as "https://admin.example.com"',
      }),
      { min: 0, max: 100 },
    ),
    {
      default: [],
      help:
        'Other sites whose pages may change something with a cookie of this one, or without authentication. Its own pages ' +
        'always may.',
      reason: 'Empty: a browser sends cookies also for pages that its user never meant to trust.',
    },
  ),
}
