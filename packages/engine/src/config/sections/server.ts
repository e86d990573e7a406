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
}
