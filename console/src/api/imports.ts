// A file that is brought in: sent in parts, guessed at, read dry, then in earnest. The server does the work; a closed tab loses nothing.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, take, type Schemas } from './client'
import type { Language } from '../i18n'

export type Import = Schemas['Import']
export type ImportStart = Schemas['ImportStart']

const PART_BYTES = 480_000

/** Bytes as they are: no JSON is made of them. */
const asBytes = { bodySerializer: (body: unknown) => body as Blob, headers: { 'Content-Type': 'application/octet-stream' } }

/** Sends a file in parts; `told` hears how much of it is there, from 0 to 1. */
export async function sendFile(file: File, kind: Import['kind'], told: (share: number) => void, signal: AbortSignal): Promise<Import> {
  const part = (at: number) => file.slice(at, at + PART_BYTES) as unknown as string
  let job = await take<Import>(client.POST('/api/v1/imports', { params: { query: { kind, name: file.name.slice(-120) } }, body: part(0), ...asBytes, signal }))
  const { id } = job
  try {
    for (let at = PART_BYTES; at < file.size; at += PART_BYTES) {
      told(at / file.size)
      job = await take<Import>(client.PUT('/api/v1/imports/{id}/data', { params: { path: { id }, query: { at } }, body: part(at), ...asBytes, signal }))
    }
  } catch (error) {
    await removeImport(id).catch(() => undefined) // half a file is of no use
    throw error
  }
  told(1)
  return job
}

const removeImport = (id: string) => take(client.DELETE('/api/v1/imports/{id}', { params: { path: { id } } }))

const isBusy = (job: Import | undefined) => job?.state === 'running' || job?.state === 'waiting'

export const useImports = () => useQuery({
  queryKey: ['imports'],
  queryFn: async () => (await take<{ imports: Import[] }>(client.GET('/api/v1/imports'))).imports,
})

export const useImport = (id: string) => useQuery({
  queryKey: ['import', id],
  queryFn: () => take<Import>(client.GET('/api/v1/imports/{id}', { params: { path: { id } } })),
  refetchInterval: query => (isBusy(query.state.data) ? 500 : false),
})

export const useColumns = (id: string, lang: Language) => useQuery({
  queryKey: ['import-columns', id, lang],
  queryFn: () => take<Schemas['ColumnGuess']>(client.GET('/api/v1/imports/{id}/columns', { params: { path: { id }, query: { lang } } })),
  staleTime: Infinity,
})

export type ImportStep = { do: 'start'; body: ImportStart } | { do: 'stop' }

export function useImportStep(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (step: ImportStep) => {
      const params = { path: { id } }
      return take<Import>(step.do === 'start' ? client.POST('/api/v1/imports/{id}/start', { params, body: step.body }) : client.POST('/api/v1/imports/{id}/stop', { params }))
    },
    onSuccess: job => { queries.setQueryData(['import', id], job) },
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey: [key] }) => key === 'import' || key === 'imports' || key === 'items' || key === 'feeds' || key === 'overview' }),
  })
}

export function useRemoveImport() {
  const queries = useQueryClient()
  return useMutation({ mutationFn: removeImport, onSettled: () => queries.invalidateQueries({ queryKey: ['imports'] }) })
}
