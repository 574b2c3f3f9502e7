// What the people's screens ask for beside the look-up itself.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, take, type Schemas } from './client'
import type { Moment } from './shapes'
import type { Language } from '../i18n'

export type PersonEvent = Schemas['PersonEvents']['events'][number]
export type PersonDecision = Moment & Pick<Schemas['PersonDecisions']['decisions'][number], 'seen' | 'clicked' | 'clickedItem' | 'bought'>
export type Import = Schemas['Import']
export type ImportKind = Import['kind']
export type ImportStart = Schemas['ImportStart']

export interface TimelineWanted { name?: string; item?: string; attribute?: string; value?: string; from?: string; until?: string }

/** Nothing of a person stays behind the page that showed it; every look-up leaves a row in the audit. */
const personal = { staleTime: 60_000, gcTime: 0 }

export const useTimeline = (identifier: string, wanted: TimelineWanted) => useInfiniteQuery({
  queryKey: ['person', identifier, 'timeline', wanted],
  queryFn: ({ pageParam }) => take<Schemas['PersonEvents']>(client.GET('/api/v1/people/{identifier}/timeline', {
    params: { path: { identifier }, query: { ...wanted, limit: 50, ...(pageParam && { after: pageParam }) } },
  })),
  initialPageParam: '',
  getNextPageParam: page => page.next,
  ...personal,
})

export const useDecisions = (identifier: string, lang: Language) => useInfiniteQuery({
  queryKey: ['person', identifier, 'decisions', lang],
  queryFn: ({ pageParam }) => take<Omit<Schemas['PersonDecisions'], 'decisions'> & { decisions: PersonDecision[] }>(client.GET('/api/v1/people/{identifier}/decisions', {
    params: { path: { identifier }, query: { lang, limit: 10, ...(pageParam && { after: pageParam }) } },
  })),
  initialPageParam: '',
  getNextPageParam: page => page.next,
  ...personal,
})

export const useShownNow = (identifier: string, placements: string[], lang: Language) => useQuery({
  queryKey: ['person', identifier, 'now', placements, lang],
  queryFn: () => take<Schemas['Preview']>(client.POST('/api/v1/preview', { body: { placements: placements.map(id => ({ id })), people: [{ identifier }], drafts: false, as: 'marketer', lang } })),
  enabled: placements.length > 0,
  ...personal,
})

export const useExportPerson = () => useMutation({
  mutationFn: (identifier: string) => take<unknown>(client.GET('/api/v1/people/{identifier}/export', { params: { path: { identifier } } })),
})

export function useNoteChoice(identifier: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['Consent']) => take(client.POST('/v1/consent', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['person', identifier] }),
  })
}

// --- files -------------------------------------------------------------------------------------------

const PART_BYTES = 450_000 // a request holds 500 kB
export const FILE_BYTES_MAX = 256 * 1024 * 1024

export const underWay = ({ state }: Import) => state === 'waiting' || state === 'running'

export const useImports = () => useQuery({
  queryKey: ['imports'],
  queryFn: async () => (await take<{ imports: Import[] }>(client.GET('/api/v1/imports'))).imports,
  refetchInterval: query => (query.state.data?.some(underWay) ? 700 : false),
})

export const useColumns = (id: string, lang: Language, enabled: boolean) => useQuery({
  queryKey: ['import-columns', id, lang],
  queryFn: () => take<Schemas['ColumnGuess']>(client.GET('/api/v1/imports/{id}/columns', { params: { path: { id }, query: { lang } } })),
  enabled,
  staleTime: Infinity,
  retry: false,
})

/** A part of a file as it is: not JSON. */
const raw = (part: Blob) => ({ body: part as unknown as string, bodySerializer: () => part, headers: { 'Content-Type': 'text/csv' } })

export function useSendFile() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ file, kind, told }: { file: File; kind: ImportKind; told: (share: number) => void }) => {
      let job = await take<Import>(client.POST('/api/v1/imports', { params: { query: { kind, name: file.name.slice(0, 60) } }, ...raw(file.slice(0, PART_BYTES)) }))
      while (job.bytes < file.size) {
        told(job.bytes / file.size)
        job = await take<Import>(client.PUT('/api/v1/imports/{id}/data', {
          params: { path: { id: job.id }, query: { at: job.bytes } }, ...raw(file.slice(job.bytes, job.bytes + PART_BYTES)),
        }))
      }
      return job
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['imports'] }),
  })
}

export type ImportStep = { do: 'start'; id: string; options: ImportStart } | { do: 'stop' | 'remove'; id: string }

const stepCall = (step: ImportStep) => {
  const params = { path: { id: step.id } }
  switch (step.do) {
    case 'start': return client.POST('/api/v1/imports/{id}/start', { params, body: step.options })
    case 'stop': return client.POST('/api/v1/imports/{id}/stop', { params })
    case 'remove': return client.DELETE('/api/v1/imports/{id}', { params })
  }
}

export function useImportStep() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (step: ImportStep) => take(stepCall(step)),
    onSettled: () => queries.invalidateQueries({ queryKey: ['imports'] }),
  })
}
