// Step 1: nobody registers twice. Asked before anything is made, by email and by name.
import { ApiStepHandler, PermanentError, type HandledTask } from '@tasker/engine'
import { z } from 'zod'
import { readAnswer } from '../../answers.ts'

const found = z.object({ users: z.array(z.object({ email: z.string(), username: z.string() })) })

export class CheckDuplicateUser extends ApiStepHandler {
  override async process({ context }: HandledTask) {
    const { email, username } = z.object({ email: z.string(), username: z.string() }).parse(context)
    if ((await this.#search(email)).some((user) => user.email === email)) {
      throw conflict('email_conflict', 'This address is registered already.')
    }
    if ((await this.#search(username)).some((user) => user.username === username)) {
      throw conflict('username_conflict', 'This name is taken.')
    }
    return { is_new: true }
  }

  async #search(q: string): Promise<z.output<typeof found>['users']> {
    return readAnswer(found, await this.request({ query: { q } })).users
  }
}

const conflict = (conflict_type: string, message: string): PermanentError =>
  new PermanentError(message, { code: 'USER_EXISTS', context: { conflict_type } })
