// Reads text/event-stream as a client does, message by message.

export interface Message {
  readonly id: string | null
  readonly event: string | null
  /** Of the JSON; null: a comment, or an id alone. */
  readonly data: Readonly<Record<string, unknown>> | null
  readonly comment: string | null
}

export interface Source {
  /** Null: the stream has ended. */
  message(): Promise<Message | null>
  /** The next with data. */
  event(): Promise<Message | null>
  events(count: number): Promise<readonly Message[]>
  /** All that comes until the stream ends. */
  rest(): Promise<readonly Message[]>
  leave(): Promise<void>
}

export function readSource({ body }: Response): Source {
  if (body === null) throw new Error('no stream')
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const message = async (): Promise<Message | null> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        return parse(lines)
      }
      const { done, value } = await reader.read()
      if (done) return null
      text += decoder.decode(value, { stream: true })
    }
  }
  const event = async (): Promise<Message | null> => {
    for (;;) {
      const next = await message()
      if (next === null || next.data !== null) return next
    }
  }
  return {
    message,
    event,
    async events(count) {
      const all: Message[] = []
      while (all.length < count) {
        const next = await event()
        if (next === null) break
        all.push(next)
      }
      return all
    },
    async rest() {
      const all: Message[] = []
      for (let next = await message(); next !== null; next = await message()) all.push(next)
      return all
    },
    leave: async () => reader.cancel(),
  }
}

function parse(lines: readonly string[]): Message {
  const field = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
  const data = field('data')
  return {
    id: field('id'),
    event: field('event'),
    data: data === null ? null : (JSON.parse(data) as Readonly<Record<string, unknown>>),
    comment:
      lines
        .find((line) => line.startsWith(':'))
        ?.slice(1)
        .trim() ?? null,
  }
}
