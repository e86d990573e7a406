// The configuration file of an application that lets itself be validated, and has work of its own.
import { defineTask } from '@tasker/engine'
import { defineConfig, validationDefinitions } from '../src/index.ts'

export const own = defineTask({ namespace: 'own', name: 'greet' }).step('say', async () => 'Hello')

export default defineConfig({
  definitions: [own, ...validationDefinitions],
  // Of a worker that is for one thing: the command's own is not limited by it.
  orchestration: { shutdownGraceMs: 1_000 },
})
