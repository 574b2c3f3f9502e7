import { Alert, Button, PasswordInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type SubmitEvent } from 'react'
import { Problem } from '../api/client'
import { begin } from '../api/session'
import { lookAtInvitation, takeInvitation, type Invitation } from '../api/settings'
import { Asked, Failed } from '../components/Said'
import { useSpeech } from '../i18n'
import { isShort } from '../screens/settings/password'
import { Mark } from './Mark'
import { Preferences } from './Preferences'

const isGone = (error: Error | null) => error instanceof Problem && error.status === 401

function Choose({ invitation, token, done }: { invitation: Invitation; token: string; done: () => void }) {
  const { t, format } = useSpeech()
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const choose = useMutation({
    mutationFn: () => takeInvitation(token, password),
    onSuccess(session) {
      begin(queries, session)
      history.replaceState(null, '', '/console/')
      done()
    },
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    choose.mutate()
  }
  return (
    <form onSubmit={submit}>
      <div className="stack-tight">
        <p className="lead">{t.invited.lead(invitation.user, t.roles[invitation.role])}</p>
        <p className="quiet">{t.roleMeans[invitation.role]} {t.invited.until(format.date(invitation.until))}</p>
      </div>
      {isGone(choose.error) ? <Gone done={done} /> : choose.error && <Failed error={choose.error} />}
      <input type="text" className="unseen" name="user" autoComplete="username" value={invitation.user} readOnly tabIndex={-1} aria-hidden="true" />
      <PasswordInput label={t.settings.passwordNew} description={t.invited.rule} name="password" autoComplete="new-password" required autoFocus value={password}
        error={isShort(password) ? t.settings.passwordShort : null} visibilityToggleButtonProps={{ 'aria-label': t.login.show }} onChange={event => { setPassword(event.currentTarget.value) }} />
      <Button type="submit" loading={choose.isPending} disabled={!password || isShort(password)}>{t.invited.choose}</Button>
    </form>
  )
}

function Gone({ done }: { done: () => void }) {
  const { t } = useSpeech()
  return (
    <Alert color="red" variant="outline" role="alert">
      <div className="stack-tight"><p>{t.invited.gone}</p><div><Button size="xs" variant="default" onClick={done}>{t.invited.signIn}</Button></div></div>
    </Alert>
  )
}

/** Where a link to choose a password leads. */
export function Invited({ token, done }: { token: string; done: () => void }) {
  const { t } = useSpeech()
  const invitation = useQuery({ queryKey: ['invitation', token], queryFn: () => lookAtInvitation(token), retry: false, gcTime: 0 })
  useEffect(() => { document.title = `${t.invited.title} · Visavis` }, [t])
  return (
    <main className="login">
      <div className="login-card">
        <div className="login-top"><span className="brand"><Mark /> Visavis</span><Preferences /></div>
        <h1>{t.invited.title}</h1>
        {isGone(invitation.error) ? <Gone done={done} /> : <Asked query={invitation}>{found => <Choose invitation={found} token={token} done={done} />}</Asked>}
      </div>
    </main>
  )
}
