// Several authenticators as one: each request is asked about in their order, and the first that knows credentials of its kind
// decides. Bad credentials are refused there; nobody else is asked.
import type { Authenticator } from './model.ts'

export function firstOf(...members: readonly Authenticator[]): Authenticator {
  const flat = members.flatMap((member) => member.members ?? [member])
  return {
    members: flat,
    securitySchemes: flat.flatMap(({ securitySchemes }) => securitySchemes ?? []),
    readsCookies: flat.some(({ readsCookies }) => readsCookies === true),
    configurationFaults: () =>
      flat.length === 0
        ? ['is made of no authenticator']
        : flat.flatMap((member) => member.configurationFaults?.() ?? []),
    async authenticate(request, peer, tasker) {
      for (const member of flat) {
        const caller = await member.authenticate(request, peer, tasker)
        if (caller !== null) return caller
      }
      return null
    },
  }
}
