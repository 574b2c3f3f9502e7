import { Alert, Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { client, take, type Scope, type Session } from '../api/client'
import { useEndSession, useOpenSessions } from '../api/queries'
import { keepRenewed } from '../api/session'
import { Page } from '../components/Page'
import { Asked, Empty, Failed } from '../components/Said'
import { useSpeech, type Texts } from '../i18n'
import { useSigned } from '../shell/signed'
import { isShort } from './settings/password'

function Password() {
  const { t } = useSpeech()
  const queries = useQueryClient()
  const [now, setNow] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: () => take<Session>(client.PUT('/api/v1/session/password', { body: { password: now, newPassword: next } }), true),
    onSuccess(session) {
      keepRenewed(queries, session)
      setNow('')
      setNext('')
    },
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    change.mutate()
  }
  const short = isShort(next)
  return (
    <section className="panel">
      <h2>{t.settings.password}</h2>
      <form className="stack" onSubmit={submit}>
        <PasswordInput label={t.settings.passwordNow} autoComplete="current-password" required value={now} maw={360}
          visibilityToggleButtonProps={{ 'aria-label': t.login.show }} onChange={event => { setNow(event.currentTarget.value) }} />
        <PasswordInput label={t.settings.passwordNew} description={t.settings.passwordRule} autoComplete="new-password" required value={next} maw={360}
          error={short ? t.settings.passwordShort : null} visibilityToggleButtonProps={{ 'aria-label': t.login.show }} onChange={event => { setNext(event.currentTarget.value) }} />
        {change.error && <Failed error={change.error} />}
        {change.isSuccess && <Alert color="teal" variant="outline" role="status">{t.settings.passwordChanged}</Alert>}
        <div><Button type="submit" variant="default" loading={change.isPending} disabled={short || !now || !next}>{t.settings.change}</Button></div>
      </form>
    </section>
  )
}

function Sessions() {
  const { t, format } = useSpeech()
  const end = useEndSession()
  return (
    <section className="panel">
      <h2>{t.settings.sessions}</h2>
      <Asked query={useOpenSessions()}>
        {sessions => (
          <div className="scroll" tabIndex={0} role="region" aria-label={t.settings.sessions}>
            <table className="table">
              <thead><tr><th scope="col">{t.settings.address}</th><th scope="col">{t.settings.begun}</th><th scope="col">{t.settings.seen}</th><th><span className="unseen">{t.settings.actions}</span></th></tr></thead>
              <tbody>
                {sessions.map(session => (
                  <tr key={session.id}>
                    <td>{session.address}</td><td className="nowrap">{format.date(session.begun)}</td><td className="nowrap">{format.age(session.seen)}</td>
                    <td className="actions">{session.present
                      ? <span className="tag tag-good">{t.settings.thisOne}</span>
                      : <Button size="xs" variant="default" onClick={() => { end.mutate(session.id) }}>{t.settings.end}</Button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Asked>
      {end.error && <Failed error={end.error} />}
    </section>
  )
}

interface Tab { to: '/settings' | '/settings/users' | '/settings/keys' | '/settings/integration' | '/settings/workspace' | '/settings/health' | '/settings/backup'; name: keyof Texts['settings']['tabs']; scope: Scope | null }

const tabs: Tab[] = [
  { to: '/settings', name: 'account', scope: null },
  { to: '/settings/integration', name: 'integration', scope: 'events:read' },
  { to: '/settings/keys', name: 'keys', scope: 'keys:write' },
  { to: '/settings/workspace', name: 'workspace', scope: 'settings:write' },
  { to: '/settings/users', name: 'users', scope: 'users:write' },
  { to: '/settings/health', name: 'health', scope: 'settings:write' },
  { to: '/settings/backup', name: 'backup', scope: 'settings:write' },
]

/** The settings' pages, each with an address, for whoever may read it. */
export function Settings() {
  const { t } = useSpeech()
  const session = useSigned()
  const path = useRouterState({ select: state => state.location.pathname })
  const mine = tabs.filter(({ scope }) => scope === null || session.scopes.includes(scope))
  const here = tabs.find(({ to }) => path.endsWith(to))
  const forbidden = here !== undefined && !mine.includes(here)
  return (
    <div className="stack">
      {mine.length > 1 && (
        <nav className="subnav" aria-label={t.settings.pages}>
          {mine.map(({ to, name }) => <Link key={to} to={to} activeOptions={{ exact: to === '/settings', includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>{t.settings.tabs[name]}</Link>)}
        </nav>
      )}
      {forbidden ? <Page question={t.settings.tabs[here.name]}><Empty title={t.problem.forbidden} /></Page> : <Outlet />}
    </div>
  )
}

export function Account() {
  const { t } = useSpeech()
  const session = useSigned()
  return (
    <Page question={t.settings.question} lead={t.settings.you(session.user, t.roles[session.role])}>
      <p className="lead">{t.roleMeans[session.role]}</p>
      <div className="halves"><Password /><Sessions /></div>
    </Page>
  )
}
