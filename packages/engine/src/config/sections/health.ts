// Options of the section `health`: readiness and status answers. Read by the server.
import { decimal, wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

export const healthOptions = {
  readyRequiresAuthentication: option(yesOrNo(), {
    default: false,
    help: 'The readiness answer is given only to an authenticated caller.',
    reason: 'Off, because an orchestrator’s probe has no credentials.',
  }),
  statusRequiresAuthentication: option(yesOrNo(), {
    default: true,
    help:
      'The detailed status is given only to an authenticated caller, where authentication ' +
      'is enabled.',
    reason: 'It shows counts and load.',
  }),
  readinessTimeoutSeconds: option(decimal({ min: 0.1, max: 300 }), {
    default: 5,
    unit: 'seconds',
    help: 'Longest time for all readiness checks together.',
    reason: 'As in the first generation; probes commonly give up after 5 to 10 s.',
  }),
  cacheDurationSeconds: option(wholeNumber({ min: 1, max: 3_600 }), {
    default: 60,
    unit: 'seconds',
    help:
      'Longest time for which a status is given out again, while the system is healthy. Adaptation (section `cache`) makes it ' +
      'shorter, never longer.',
    reason:
      'The first generation kept a status of 15 s in an answer of 60 s: the longer one was what callers met.',
  }),
}
