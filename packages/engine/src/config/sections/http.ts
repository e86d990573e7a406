// Options of the section `http`: what holds for requests of handlers to other systems, unless a request says otherwise.
import { isAllowable } from '../../http/addresses.ts'
import { listOf, nullOr, oneOf, text, wholeNumber, type Kind } from '../kinds.ts'
import { option } from '../option.ts'

const mebibyte = 1_048_576

const timeoutMs = (defaultMs: number, help: string, reason: string) =>
  option(wholeNumber({ min: 1, max: 86_400_000 }), {
    default: defaultMs,
    unit: 'milliseconds',
    help,
    reason,
  })

/** What the guard cannot read would allow nothing, in silence. */
function allowedAddress(): Kind<string> {
  const kind = text()
  return {
    ...kind,
    type: kind.type.refine(isAllowable),
    expects: 'an address, a CIDR block such as "10.0.0.0/8", or a host name',
  }
}

export const httpOptions = {
  connectTimeoutMs: timeoutMs(
    5_000,
    'Longest time until a connection stands, name and TLS included.',
    'Within a region it takes a few milliseconds; a host that does not answer should be known soon.',
  ),
  totalTimeoutMs: timeoutMs(
    30_000,
    'Longest time of a request, from the call to the last byte of its response, redirects included.',
    'Well below `execution.stepTimeoutMs`, so that a step can say what it waited for.',
  ),
  idleTimeoutMs: timeoutMs(
    10_000,
    'Longest silence of the other system: until its headers, and between two pieces of its body.',
    'A connection that is stuck is given up before its total time; a slow one that moves is not.',
  ),
  responseMaxBytes: option(wholeNumber({ min: 1_024, max: 1_024 * mebibyte }), {
    default: 10 * mebibyte,
    unit: 'bytes',
    help: 'Largest body of a response, as it comes and unpacked. Reading ends there.',
    reason:
      'Ten times `execution.resultMaxBytes`: a handler may read more than it stores, and a hundred ' +
      'of them at once still fit into memory.',
  }),
  redirects: option(oneOf(['refuse', 'same-origin', 'follow']), {
    default: 'same-origin',
    help:
      'Which redirects are followed, 5 at most: none, those within scheme, host and port, or all but ' +
      'those from https to http. Credentials stay with the origin they were given for. One that is ' +
      'not followed is the response.',
    reason: 'A redirect to elsewhere is seldom meant in a call between systems.',
  }),
  allowedAddresses: option(listOf(allowedAddress(), { min: 0, max: 1_000 }), {
    default: [],
    help:
      'Addresses, CIDR blocks and host names that may be called although they are private, loopback, ' +
      'link-local or reserved. A host name is allowed whatever it resolves to.',
    reason:
      'An address that comes with the data of a task must not lead into the own network or to the ' +
      'metadata of a cloud.',
  }),
  maxConnectionsPerOrigin: option(wholeNumber({ min: 1, max: 10_000 }), {
    default: 128,
    unit: 'connections',
    help: 'Most connections of one process to one scheme, host and port; further requests wait.',
    reason: 'Above `execution.maxConcurrentStepsLimit`, so that steps with one request never wait.',
  }),
  proxy: option(
    nullOr(text({ pattern: /^https?:\/\/\S+$/, looksLike: 'an http:// or https:// URL' })),
    {
      default: null,
      help:
        'Proxy for all requests: plain ones are sent to it, those over TLS go through a tunnel. It ' +
        'looks names up, so it must refuse private addresses itself. Null: none.',
      reason: 'The environment’s HTTP_PROXY is not read: it often stands there for other programs.',
      secret: 'url',
    },
  ),
  userAgent: option(
    nullOr(text({ pattern: /^[\x20-\x7e]{1,200}$/, looksLike: 'up to 200 ASCII characters' })),
    {
      default: null,
      help: 'What requests call themselves. Null: `tasker/` and its version.',
      reason: 'Operators of other systems can tell who calls.',
    },
  ),
}
