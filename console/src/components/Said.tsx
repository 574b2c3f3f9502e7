// What is said when there is nothing to show: it is coming, it failed, there is none yet. Each names the next step.
import { Alert, Button, Loader } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Problem } from '../api/client'
import { useSpeech } from '../i18n'

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return <div className="empty"><h2>{title}</h2>{children}</div>
}

export function Failed({ error, again }: { error: Error; again?: () => void }) {
  const { t } = useSpeech()
  const known = error instanceof Problem
  const sentence = !known ? t.problem.unreachable : error.status === 403 ? t.problem.forbidden : t.problem.told(error.message)
  return (
    <Alert color="red" variant="outline" title={t.problem.title} role="alert">
      <div className="stack-tight">
        <p>{sentence}</p>
        {known && error.told.errors?.map(row => <p key={row.pointer ?? row.detail} className="quiet">{row.pointer} {row.detail}</p>)}
        {known && error.told.request_id && <p className="quiet">{t.problem.request(error.told.request_id)}</p>}
        {again && <div><Button size="xs" variant="default" onClick={again}>{t.problem.again}</Button></div>}
      </div>
    </Alert>
  )
}

/** Shows what was asked for once it is there. */
export function Asked<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  const { t } = useSpeech()
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <Failed error={query.error} again={() => void query.refetch()} />
  return <div role="status" className="row quiet"><Loader size="sm" color="gray" /> {t.problem.loading}</div>
}
