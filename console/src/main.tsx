import '@mantine/core/styles.css'
import './styles/theme.css'
import './styles/shell.css'
import './styles/moment.css'
import './styles/goods.css'
import './styles/tour.css'
import './styles/people.css'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Problem } from './api/client'
import { takeInviteToken, useSession } from './api/session'
import { Asked } from './components/Said'
import { Speech } from './i18n'
import { router } from './router'
import { Invited } from './shell/Invited'
import { Login } from './shell/Login'
import { theme } from './theme'

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 10_000, retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status < 500) } },
})

/** A link to choose a password comes before whoever is signed in here. */
function Console() {
  const [invite, setInvite] = useState(takeInviteToken)
  return invite ? <Invited token={invite} done={() => { setInvite(null) }} /> : <SignedIn />
}

function SignedIn() {
  const session = useSession()
  if (session.data === undefined) return <main className="login"><Asked query={session}>{() => null}</Asked></main>
  return session.data === null ? <Login /> : <RouterProvider router={router} context={{ session: session.data }} />
}

const place = document.getElementById('root')
if (place)
  createRoot(place).render(
    <StrictMode>
      {/* No style element is made by script: the CSP allows none. */}
      <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <QueryClientProvider client={queries}>
          <Speech><Console /></Speech>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
