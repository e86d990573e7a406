// Options of the section `server`: where the server answers and how much it takes. Read by @tasker/server.
import { text, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

const mebibyte = 1_048_576

export const serverOptions = {
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
}
