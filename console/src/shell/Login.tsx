import { Alert, Button, Modal, PasswordInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type SubmitEvent } from 'react'
import { Problem, type Session } from '../api/client'
import { sessionKey, signIn, takeLoginToken } from '../api/session'
import { useSpeech, type Texts } from '../i18n'
import { Mark } from './Mark'
import { Preferences } from './Preferences'

function sentenceOf(error: Error, t: Texts, byLink: boolean): string {
  if (!(error instanceof Problem)) return t.problem.unreachable
  if (error.status === 429) return t.login.slower(error.retryAfter ?? 1)
  if (error.status === 401) return byLink ? t.login.linkUsed : t.login.wrong
  return t.problem.told(error.message)
}

function useSignIn(then: (session: Session) => void) {
  return useMutation({ mutationFn: signIn, onSuccess: then })
}

function LoginForm({ user, then }: { user?: string; then: (session: Session) => void }) {
  const { t } = useSpeech()
  const [name, setName] = useState(user ?? '')
  const [password, setPassword] = useState('')
  const login = useSignIn(then)

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    login.mutate({ user: name.trim(), password })
  }
  return (
    <form onSubmit={submit}>
      {login.error && <Alert color="red" variant="outline" role="alert">{sentenceOf(login.error, t, false)}</Alert>}
      <TextInput label={t.login.user} name="user" autoComplete="username" required readOnly={user !== undefined}
        autoFocus={user === undefined} value={name} onChange={event => { setName(event.currentTarget.value) }} />
      <PasswordInput label={t.login.password} name="password" autoComplete="current-password" required autoFocus={user !== undefined}
        visibilityToggleButtonProps={{ 'aria-label': t.login.show }}
        value={password} onChange={event => { setPassword(event.currentTarget.value) }} />
      <Button type="submit" loading={login.isPending}>{t.login.signIn}</Button>
    </form>
  )
}

/** The first page of whoever is not signed in. */
export function Login() {
  const { t } = useSpeech()
  const queries = useQueryClient()
  const then = (session: Session) => { queries.setQueryData(sessionKey, session) }
  const [token] = useState(takeLoginToken)
  const { mutate: follow, ...link } = useSignIn(then)

  useEffect(() => {
    if (token) follow({ token })
  }, [token, follow])
  useEffect(() => { document.title = `${t.login.title} · Visavis` }, [t])

  return (
    <main className="login">
      <div className="login-card">
        <div className="login-top"><span className="brand"><Mark /> Visavis</span><Preferences /></div>
        <div className="stack-tight">
          <h1>{t.login.title}</h1>
          <p className="lead">{link.isPending ? t.login.following : t.login.lead}</p>
        </div>
        {link.error && <Alert color="red" variant="outline" role="alert">{sentenceOf(link.error, t, true)}</Alert>}
        <LoginForm then={then} />
        <details>
          <summary>{t.login.firstTime}</summary>
          <div className="stack-tight quiet">
            <p>{t.login.firstPassword}</p>
            <pre className="code">visavis user reset owner --data DIR</pre>
            <p>{t.login.firstLink}</p>
            <pre className="code">visavis user link owner --data DIR</pre>
          </div>
        </details>
      </div>
    </main>
  )
}

/** Over the page, when the session ended: what was begun stays where it is. */
export function LoginAgain({ user, then }: { user: string; then: (session: Session) => void }) {
  const { t } = useSpeech()
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title={t.login.expired}>
      <div className="stack login-again">
        <p className="quiet">{t.login.expiredLead}</p>
        <LoginForm user={user} then={then} />
      </div>
    </Modal>
  )
}
