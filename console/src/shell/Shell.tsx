import { Button, Select } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { whenUnauthenticated, type Session } from '../api/client'
import { chosenWorkspace, sessionKey, useChooseWorkspace, useSignOut } from '../api/session'
import { useSpeech, type Texts } from '../i18n'
import { Icon } from './icons'
import { LoginAgain } from './Login'
import { Mark } from './Mark'
import { Preferences } from './Preferences'
import { Signed } from './signed'

interface Noun { to: '/' | '/people' | '/placements' | '/catalogue' | '/proof' | '/settings'; name: keyof Texts['nav']; scope: string | null; or?: string }

/** What is there; a noun comes with its first screen, and only for who may read it. */
const nouns: Noun[] = [
  { to: '/', name: 'today', scope: null },
  { to: '/people', name: 'people', scope: 'profiles:read', or: 'imports:write' },
  { to: '/placements', name: 'placements', scope: 'decisions:read' },
  { to: '/proof', name: 'proof', scope: 'decisions:read' },
  { to: '/catalogue', name: 'catalogue', scope: 'catalog:write' },
  { to: '/settings', name: 'settings', scope: null },
]

function Navigation({ session }: { session: Session }) {
  const { t } = useSpeech()
  return (
    <nav className="nav" aria-label={t.shell.navigation}>
      {nouns.filter(({ scope, or }) => scope === null || session.scopes.includes(scope) || (or !== undefined && session.scopes.includes(or))).map(({ to, name }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>
          <Icon name={name} />{t.nav[name]}
        </Link>
      ))}
    </nav>
  )
}

function Foot({ session }: { session: Session }) {
  const { t } = useSpeech()
  const signOut = useSignOut()
  const choose = useChooseWorkspace()
  return (
    <div className="foot">
      {session.workspaces.length > 1 && (
        <Select size="xs" label={t.shell.workspace} allowDeselect={false} data={session.workspaces} value={chosenWorkspace(session)}
          onChange={name => { if (name) choose(session, name) }} />
      )}
      <Preferences />
      <div className="foot-who">
        <p><b>{session.user}</b>{t.roles[session.role]}</p>
        <Button size="compact-sm" variant="default" onClick={() => void signOut()}>{t.shell.signOut}</Button>
      </div>
    </div>
  )
}

/** The page's heading takes the focus where the address changed, as it does when a browser loads a page. */
function useFocusOnPage() {
  const path = useRouterState({ select: state => state.resolvedLocation?.pathname })
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    const first = before.current === undefined
    if (before.current === path) return
    before.current = path
    if (first) return
    document.querySelector<HTMLElement>('main h1')?.focus()
    window.scrollTo(0, 0)
  }, [path])
}

export function Shell({ session }: { session: Session }) {
  const { t, suggest } = useSpeech()
  const queries = useQueryClient()
  const [ended, setEnded] = useState(false)
  useFocusOnPage()
  useEffect(() => { suggest(session.locale) }, [session.locale, suggest])
  useEffect(() => { whenUnauthenticated(() => { setEnded(true) }) }, [])

  const again = (renewed: Session) => {
    queries.setQueryData(sessionKey, renewed)
    setEnded(false)
    void queries.invalidateQueries({ predicate: query => query.queryKey[0] !== sessionKey[0] })
  }
  return (
    <Signed value={session}>
      <a className="skip" href="#main">{t.shell.skip}</a>
      <div className="shell">
        <header className="side">
          <Link to="/" className="brand"><Mark /> Visavis</Link>
          <Navigation session={session} />
          <Foot session={session} />
        </header>
        <div>
          {chosenWorkspace(session) === 'demo' && <p className="banner"><b>{t.shell.simulated}</b> {t.shell.simulatedWhy} <Link to="/vis-a-vis">{t.tour.link}</Link></p>}
          <main className="main" id="main" tabIndex={-1} key={chosenWorkspace(session)}>
            {session.workspaces.length > 0 ? <Outlet /> : <NoWorkspace />}
          </main>
        </div>
      </div>
      {ended && <LoginAgain user={session.user} then={again} />}
    </Signed>
  )
}

function NoWorkspace() {
  const { t } = useSpeech()
  return (
    <div className="empty">
      <h1 tabIndex={-1}>{t.shell.noWorkspace}</h1>
      <p className="lead">{t.shell.noWorkspaceNext}</p>
      <pre className="code">visavis init --workspace shop --data DIR</pre>
    </div>
  )
}
