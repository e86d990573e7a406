// Options of the group `server.graphql`: what one GraphQL request may ask for, and what is shown of the schema. Read by
// @tasker/server.
import { wholeNumber, yesOrNo } from '../kinds.ts'
import { option } from '../option.ts'

export const graphqlOptions = {
  introspection: option(yesOrNo(), {
    default: false,
    help: 'Answers questions about the schema, which tools and the playground ask.',
    reason: 'Off: the schema is a page of the reference, and needs no server to be read.',
  }),
  playground: option(yesOrNo(), {
    default: false,
    help: 'Serves a page at `/graphql/playground` on which queries can be written and sent. It loads nothing from elsewhere.',
    reason: 'Off: it is for development.',
  }),
  documentMaxBytes: option(wholeNumber({ min: 1_024, max: 1_048_576 }), {
    default: 65_536,
    unit: 'bytes',
    help: 'A longer document is refused before it is read. Values belong into the variables.',
    reason: 'Ten times what a large page of a client asks with.',
  }),
  tokensMax: option(wholeNumber({ min: 100, max: 20_000 }), {
    default: 2_000,
    help: 'Names, signs and values in one document. Looking ends there.',
    reason: 'The introspection of common tools has 500; a page of a dashboard has fewer.',
  }),
  depthMax: option(wholeNumber({ min: 3, max: 100 }), {
    default: 12,
    help: 'How deep fields may stand in fields, through fragments too; and objects and lists in values.',
    reason: 'From tasks over steps and their parents back to a task are ten.',
  }),
  aliasesMax: option(wholeNumber({ min: 0, max: 1_000 }), {
    default: 30,
    help: 'Aliases in one document.',
    reason: 'The same field asked for again and again is how one request becomes a thousand.',
  }),
  directivesMax: option(wholeNumber({ min: 0, max: 1_000 }), {
    default: 50,
    help: 'Directives in one document.',
    reason: 'Each costs time before anything is executed.',
  }),
  costMax: option(wholeNumber({ min: 100, max: 10_000_000 }), {
    default: 50_000,
    help: 'Most that one operation may cost: each field counts 1, times the length of every list that it stands in.',
    reason: 'A hundred tasks with twenty steps of twenty fields each.',
  }),
}
