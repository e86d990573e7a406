// The texts of an API step's settings as templates: where they are filled, where they are sent as they are, and where they must
// hold no credential. Which settings there are is read-parts.ts, what a template is template.ts.
import type { ConfigurationFault } from '../handler-configuration.ts'
import { quote } from '../names.ts'
import { exactText, isPlainText, readTemplate, type Template } from './template.ts'

/** What was given for one setting, the strongest last, and where faults go. */
export interface PartReader {
  readonly given: readonly GivenPart[]
  readonly parents: readonly string[] | null
  readonly report: (path: FaultPath, message: string) => void
}

export interface GivenPart {
  readonly value: unknown
  readonly path: FaultPath
  readonly isData: boolean
  readonly isSentAsItIs: boolean
}

export type FaultPath = ConfigurationFault['path']

/** Ends of names: `auth_type` and `token_type` hold none. */
export const credentialName =
  /(?:authorization|cookie|token|secret|password|passphrase|api[-_]?key|private[-_]?key)$/i

/** In what is stored with the definition. */
export function refuseCredential(
  template: Template,
  { path, isData }: GivenPart,
  reader: PartReader,
): void {
  if (isData && template.length > 0 && isPlainText(template)) {
    reader.report(path, 'holds a credential as text, which would be stored; write ${secret:NAME}')
  }
}

/** Text in a place that takes any text. */
export const valueAt = (
  text: string,
  part: GivenPart,
  reader: PartReader,
  hasFreeBraces = false,
): Template => (part.isSentAsItIs ? exactText(text) : templateAt(text, part, reader, hasFreeBraces))

/** Text in an address or a header. One that is sent as it is and looks like more is a mistake, or somebody's attempt. */
export function templateAt(
  text: string,
  { path, isSentAsItIs }: GivenPart,
  reader: PartReader,
  hasFreeBraces = false,
): Template {
  const rules = { parents: reader.parents, hasFreeBraces: hasFreeBraces || isSentAsItIs }
  const { template, faults } = readTemplate(text, rules)
  if (isSentAsItIs) {
    const isExact = faults.length === 0 && template.every((part) => isPartOf(part, text))
    if (!isExact) reader.report(path, notFilled)
    return exactText(text)
  }
  for (const fault of faults) reader.report(path, fault)
  return template
}

const isPartOf = (part: Template[number], text: string): boolean =>
  part.kind === 'text' && part.text === text

const notFilled =
  'what `request` is given is sent as it is; braces are filled in the settings, here write `${value}` of JavaScript, values in paths within encodeURIComponent'

/** Text that belongs to the process: certificates and proxies are not a task's. */
export function outsideAt(text: string, part: GivenPart, reader: PartReader): Template {
  const template = templateAt(text, part, reader, true)
  if (template.some(isOfTask)) {
    reader.report(part.path, `does not come from a task: ${quote('${NAME}')}`)
  }
  return template
}

export const isOfTask = (part: Template[number]): boolean => part.kind === 'value'
