// The configuration file of tests that need tasks of a known kind.
import { defineTask, PermanentError } from '@tasker/engine'
import { defineConfig } from '../src/index.ts'

const greet = defineTask({ namespace: 'tests', name: 'greet', version: '1.2.0' })
  .step('choose_words', async ({ context: { to = null } }) => ({ words: ['Hello', to] }))
  .step('say', { dependsOn: ['choose_words'] }, async ({ results }) => results.choose_words)

const refuse = defineTask({ namespace: 'tests', name: 'refuse' }).step('ask', async () => {
  throw new PermanentError('The answer is no.', { code: 'REFUSED' })
})

/** Leaves something behind that fails after the step has ended. */
const litter = defineTask({ namespace: 'tests', name: 'litter' }).step('leave', async () => {
  void Promise.reject(new Error('left behind'))
})

const whisper = defineTask({ namespace: 'tests', name: 'whisper' }).step('ask', async (step) => {
  const word = await step.secret('word')
  return { letters: word.length, word }
})

export default defineConfig({
  definitions: [greet, refuse, litter, whisper],
  secrets: (name) => `the ${name} of the vault`,
  orchestration: { shutdownGraceMs: 3_000 },
})
