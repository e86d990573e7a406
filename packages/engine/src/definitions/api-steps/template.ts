// Text with values in it: `{context.order_id}`, `{results.cart.total}` and `{inputs.sku}` of the task, `${ENV}`, `${ENV:-default}`
// and `${secret:NAME}` of the process. Read once, filled for each attempt; `$${X}` is the text itself. What a value may be
// depends on where it stands: fill.ts.
import { didYouMean, quote } from '../names.ts'

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** Of the task: `context.order_id`. */
  | { readonly kind: 'value'; readonly reference: string }
  | { readonly kind: 'variable'; readonly name: string; readonly otherwise: string | null }
  | { readonly kind: 'secret'; readonly name: string }

export type Template = readonly TemplatePart[]

export interface TemplateReading {
  readonly template: Template
  readonly faults: readonly string[]
}

export interface TemplateRules {
  /** Names of the steps whose results may be read; null: not known here. */
  readonly parents: readonly string[] | null
  /** Braces around anything else are text, as in a body; elsewhere they are a fault. */
  readonly hasFreeBraces: boolean
}

const roots = ['context', 'results', 'inputs'] as const
const pattern = /\$\$\{[^}]*\}|\$\{[^}]*\}|\{[^{}]*\}/g
const variableForm = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\}$/s
export const secretForm = /^\$\{secret:([A-Za-z0-9_][A-Za-z0-9_./-]*)\}$/

export function readTemplate(text: string, rules: TemplateRules): TemplateReading {
  const parts: TemplatePart[] = []
  const faults: string[] = []
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) })
    parts.push(readPart(match[0], rules, faults))
    end = match.index + match[0].length
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) })
  return { template: Object.freeze(parts), faults }
}

/** Text that is filled with nothing, whatever it looks like. */
export const exactText = (text: string): Template => [{ kind: 'text', text }]

/** Whether the text is the same for every task and process. */
export const isPlainText = (template: Template): boolean =>
  template.every(({ kind }) => kind === 'text')

/** The one reference of the task that the whole text is, or null: then a value keeps its type. */
export function wholeValue(template: Template): string | null {
  const [only] = template
  return template.length === 1 && only?.kind === 'value' ? only.reference : null
}

/** `results` and the rest of a reference to it: the parent's name, which may hold dots, and the path in its results. */
export function splitResult(
  reference: string,
  parents: readonly string[],
): { readonly parent: string; readonly path: string } | null {
  const rest = reference.slice('results.'.length)
  const named = parents.filter((name) => rest === name || rest.startsWith(`${name}.`))
  const parent = named.toSorted((a, b) => b.length - a.length)[0]
  return parent === undefined ? null : { parent, path: rest.slice(parent.length + 1) }
}

function readPart(found: string, rules: TemplateRules, faults: string[]): TemplatePart {
  if (found.startsWith('$$')) return { kind: 'text', text: found.slice(1) }
  return found.startsWith('$') ? readOutside(found, faults) : readValue(found, rules, faults)
}

function readOutside(found: string, faults: string[]): TemplatePart {
  const [, secret] = secretForm.exec(found) ?? []
  if (secret !== undefined) return { kind: 'secret', name: secret }
  const [, name, otherwise = null] = variableForm.exec(found) ?? []
  if (name !== undefined) return { kind: 'variable', name, otherwise }
  faults.push(
    `${found} is not a variable; write \${NAME}, \${NAME:-default} or \${secret:NAME}, or $${found} as text`,
  )
  return { kind: 'text', text: found }
}

function readValue(found: string, rules: TemplateRules, faults: string[]): TemplatePart {
  const reference = found.slice(1, -1)
  const root = reference.split('.', 1)[0] ?? ''
  if (!roots.some((known) => known === root)) {
    const isMeant = didYouMean(root, roots) !== '' && /^\w+\./.test(reference)
    if (!rules.hasFreeBraces || isMeant) {
      faults.push(
        `${found} is not a value; write {context.…}, {results.<step>.…} or {inputs.…}${didYouMean(root, roots)}`,
      )
    }
    return { kind: 'text', text: found }
  }
  if (reference.split('.').includes('')) faults.push(`${found} has an empty name in it`)
  if (root === 'results') faults.push(...resultFaults(reference, rules.parents))
  return { kind: 'value', reference }
}

function resultFaults(reference: string, parents: readonly string[] | null): readonly string[] {
  if (reference === 'results') return ['{results} names no step']
  if (parents === null || splitResult(reference, parents) !== null) return []
  const name = reference.split('.')[1] ?? ''
  const known = parents.map(quote).join(', ') || 'none'
  return [
    `{${reference}} reads a step that this one does not depend on (${known})${didYouMean(name, parents)}`,
  ]
}
