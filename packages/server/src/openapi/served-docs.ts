// What one server gives out as its documentation: made when it is first asked for, and kept.
import type { SecurityScheme } from '../auth/model.ts'
import type { Operation } from '../operation.ts'
import { openApiDocument } from './document.ts'
import { readPageFiles, type PageFiles } from './page-files.ts'

export interface ApiDocs {
  /** The OpenAPI document, as JSON. */
  document(): string
  files(): Promise<PageFiles>
}

export function createApiDocs(parts: {
  readonly operations: readonly Operation[]
  readonly prefix: string
  readonly securitySchemes: readonly SecurityScheme[]
}): ApiDocs {
  let document: string | null = null
  let files: Promise<PageFiles> | null = null
  return {
    document: () => (document ??= JSON.stringify(openApiDocument(parts))),
    files() {
      files ??= readPageFiles()
      return files
    },
  }
}
