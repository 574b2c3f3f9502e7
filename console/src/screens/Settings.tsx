import { Alert, Button, PasswordInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { client, take, type Session } from '../api/client'
import { useEndSession, useOpenSessions } from '../api/queries'
import { keepRenewed } from '../api/session'
import { Page } from '../components/Page'
import { Asked, Failed } from '../components/Said'
import { useSpeech } from '../i18n'
import { useMay, useSigned } from '../shell/signed'
import { Users } from './Users'

const PASSWORD_BYTES_MIN = 15

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
  const short = next !== '' && new TextEncoder().encode(next).length < PASSWORD_BYTES_MIN
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

export function Settings() {
  const { t } = useSpeech()
  const session = useSigned()
  const seesUsers = useMay('users:write')
  return (
    <Page question={t.settings.question} lead={t.settings.you(session.user, t.roles[session.role])}>
      {seesUsers && <Users />}
      <div className="halves"><Password /><Sessions /></div>
    </Page>
  )
}
