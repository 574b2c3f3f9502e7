// The one door to the server. Types come from spec/openapi.yaml: a route that changes breaks this build.
import createClient from 'openapi-fetch'
import type { components, paths } from './generated'

export type Schemas = components['schemas']
export type Session = Schemas['Session']
export type User = Schemas['User']
export type Role = Schemas['Role']
export type Scope = string

/** What the server says is wrong, where, and how to mend it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly told: Partial<Schemas['Problem']>,
    readonly retryAfter: number | null,
  ) {
    super(told.detail ?? told.title ?? `HTTP ${String(status)}`)
  }
}

/** The server was not reached at all. */
export class Unreachable extends Error {}

const kept = { csrf: '', workspace: '' }
let onUnauthenticated: () => void = () => undefined

export function keepSession(csrf: string, workspace: string) {
  kept.csrf = csrf
  kept.workspace = workspace
}

export function whenUnauthenticated(call: () => void) {
  onUnauthenticated = call
}

export function workspaceHeader(): Record<string, string> {
  return kept.workspace ? { 'X-Visavis-Workspace': kept.workspace } : {}
}

const client = createClient<paths>({ baseUrl: '', credentials: 'same-origin', cache: 'no-store' })
client.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(workspaceHeader())) request.headers.set(name, value)
    if (kept.csrf && request.method !== 'GET') request.headers.set('X-CSRF-Token', kept.csrf)
    return request
  },
})

interface Result {
  data?: unknown
  error?: unknown
  response: Response
}

function problemOf({ error, response }: Result): Problem {
  const after = Number(response.headers.get('Retry-After'))
  const told = typeof error === 'object' && error !== null ? error : {}
  return new Problem(response.status, told, Number.isFinite(after) && after > 0 ? after : null)
}

/** Answers what came, as the type that the caller knows it to have where the interface's description names none. */
async function take<T>(call: Promise<Result>, asksWho = false): Promise<T> {
  let result: Result
  try {
    result = await call
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Unreachable()
  }
  if (!result.response.ok) {
    if (result.response.status === 401 && !asksWho) onUnauthenticated()
    throw problemOf(result)
  }
  return result.data as T
}

export { client, take }
