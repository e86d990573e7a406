// Options of the section `server`: where the server answers and how much it takes. Read by @tasker/server.
import { isIP } from 'node:net'
import { listOf, text, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'
import { graphqlOptions } from './graphql.ts'

const mebibyte = 1_048_576

const network = text({
  // Numbers too large for their family are found by the check below it.
  pattern: /^[0-9a-fA-F:.]{2,45}(\/\d{1,3})?$/,
  looksLike: 'an address or a CIDR block such as "10.0.0.0/8"',
})
const trustedNetwork = {
  ...network,
  type: network.type.refine((given) => {
    const [address = '', bits] = given.split('/')
    const family = isIP(address)
    return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128)
  }),
}
const origin = text({
  pattern: /^https?:\/\/[^\s/,*]+$/,
  looksLike: 'an origin such as "https://app.example.com"',
})

export const serverOptions = {
  host: option(text(), {
    default: '127.0.0.1',
    help:
      'Where the server listens when it stands alone. Beyond the own machine only with authentication, or ' +
      'with `server.allowUnauthenticated`.',
    reason: 'The machine itself: nothing is open to others until somebody says so.',
  }),
  port: option(wholeNumber({ min: 0, max: 65_535 }), {
    default: 8_420,
    help: 'The port of the server when it stands alone; 0 is any that is free.',
    reason: 'No well-known service has it.',
  }),
  prefix: option(
    text({
      pattern: /^(\/[A-Za-z0-9_~.-]+)*\/?$/,
      looksLike: 'a path such as "/tasker" or "/"',
    }),
    {
      default: '/tasker',
      help: 'The path under which everything is served.',
      reason: 'As in the first generation; it leaves the rest of the paths to your application.',
    },
  ),
  allowUnauthenticated: option(yesOrNo(), {
    default: false,
    help:
      'Without authentication, requests from other machines are answered too. Whoever reaches the ' +
      'server may then do everything.',
    reason: 'Off: a server without authentication answers the machine it runs on, and no other.',
  }),
  bodyMaxBytes: option(wholeNumber({ min: 1_024, max: 64 * mebibyte }), {
    default: 4 * mebibyte,
    unit: 'bytes',
    help: 'A request with a larger body is refused before it is read to its end.',
    reason: 'Room for a context of `execution.contextMaxBytes` and what stands beside it.',
  }),
  graphql: graphqlOptions,
  streamsMax: option(wholeNumber({ min: 0, max: 100_000 }), {
    default: 1_000,
    help: 'Live streams open at one time; one more is refused.',
    reason: 'Each holds a connection and at most some 200 KB.',
  }),
  streamsMaxPerCaller: option(wholeNumber({ min: 0, max: 100_000 }), {
    default: 50,
    help:
      'Live streams that one caller has open at one time; without authentication a caller is an ' +
      'address.',
    reason: 'A person with many tabs stays below it; one caller cannot take all of `streamsMax`.',
  }),
  streamHeartbeatMs: option(wholeNumber({ min: 50, max: 300_000 }), {
    default: 15_000,
    unit: 'milliseconds',
    help:
      'A live stream on which nothing happens gets a comment so often, and its caller is asked ' +
      'again who it is and what it may see.',
    reason: 'Below the 30 to 60 s after which proxies give up on a silent connection.',
  }),
  streamPollIntervalMs: option(wholeNumber({ min: 50, max: 60_000 }), {
    default: 500,
    unit: 'milliseconds',
    help: 'While a live stream is open, the server looks this often for what happened.',
    reason: 'Two short statements a second, however many streams there are.',
  }),
  streamStallMs: option(wholeNumber({ min: 50, max: 3_600_000 }), {
    default: 30_000,
    unit: 'milliseconds',
    help: 'A live stream whose reader takes nothing for so long is cut.',
    reason:
      'It can go on where it was, by its last event id; until then it holds memory for nothing.',
  }),
  trustedProxies: option(listOf(trustedNetwork, { min: 0, max: 1_000 }), {
    default: [],
    help:
      'Addresses and CIDR blocks of proxies in front of the server. What they say in `x-forwarded-for`, ' +
      '`x-forwarded-proto` and `x-forwarded-host` is believed; the caller is the last address that is none of them.',
    reason: 'None: anybody can send these headers.',
  }),
  requestsPerMinute: option(wholeNumber({ min: 0, max: 10_000_000 }), {
    default: 6_000,
    help:
      'Requests of one caller that one process answers in a minute; without authentication a caller is an address. ' +
      '0: any number.',
    reason:
      'A hundred a second is more than a page or a script needs, and less than harms the others.',
  }),
  failedAuthenticationsPerMinute: option(wholeNumber({ min: 0, max: 10_000_000 }), {
    default: 30,
    help:
      'Requests with wrong credentials from one address in a minute; then it is not asked any more. 0: any ' +
      'number, and so it is where the host does not say the address.',
    reason: 'Whoever mistypes stays below it; whoever guesses does not get far.',
  }),
  corsOrigins: option(listOf(origin, { min: 0, max: 1_000 }), {
    default: [],
    help:
      'Origins whose pages may read answers (CORS), with a token of their own. For sessions in cookies see ' +
      '`auth.trustedOrigins`.',
    reason: 'None: what a page of another site asks for is not shown to it.',
  }),
  headersTimeoutMs: option(wholeNumber({ min: 50, max: 600_000 }), {
    default: 10_000,
    unit: 'milliseconds',
    help: 'Standing alone: a client whose headers are not there by then is cut.',
    reason:
      'Room for the slowest network; clients that send a byte now and then hold nothing for long.',
  }),
  requestTimeoutMs: option(wholeNumber({ min: 50, max: 3_600_000 }), {
    default: 60_000,
    unit: 'milliseconds',
    help: 'Standing alone: a client whose whole request is not there by then is cut.',
    reason: '`bodyMaxBytes` at 70 KB/s.',
  }),
  headersMaxBytes: option(wholeNumber({ min: 4_096, max: mebibyte }), {
    default: 16_384,
    unit: 'bytes',
    help: 'Standing alone: headers larger than this are refused.',
    reason: 'The default of Node; the id of a live event takes at most a quarter.',
  }),
  connectionsMax: option(wholeNumber({ min: 1, max: 1_000_000 }), {
    default: 4_000,
    help: 'Standing alone: connections open at one time; further ones are closed as they come.',
    reason: '`streamsMax` and three times as many for requests.',
  }),
  shutdownGraceMs: option(wholeNumber({ min: 0, max: 3_600_000 }), {
    default: 10_000,
    unit: 'milliseconds',
    help: 'Standing alone: as long are requests under way waited for when it stops.',
    reason: 'Below the 30 s after which orchestrators kill.',
  }),
}
