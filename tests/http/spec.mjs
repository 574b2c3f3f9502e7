// The routes as spec/openapi.yaml lists them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './server.mjs'

export const spec = parse(readFileSync(join(root, 'spec', 'openapi.yaml'), 'utf8'), { merge: true })

/** { path, method, … } of each operation. */
export const operations = Object.entries(spec.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })))

/** Those that ask for a scope of a key; what needs somebody who is signed in is no key's. */
export const keyed = operations.filter(operation => operation['x-scopes'] && !operation.security)

/** A path with something in its placeholders. */
export const filled = path => path.replace('{identifier}', 'user_id:nobody').replace('{user}', 'nobody').replace('{writeKey}', 'x').replace('{name}', 'x')
  .replace('{id}', path.includes('decisions') ? '01a2005f-b64c-7000-b2fe-4b0a7181fd00' : 'probe')
