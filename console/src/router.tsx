// One address a screen; filters are in its search.
import { Button } from '@mantine/core'
import { createRootRouteWithContext, createRoute, createRouter } from '@tanstack/react-router'
import type { Session } from './api/client'
import { Page } from './components/Page'
import { Empty } from './components/Said'
import { useSpeech } from './i18n'
import { Catalogue, readCatalogue } from './screens/Catalogue'
import { ItemPage, readItem } from './screens/catalogue/ItemPage'
import { People, readPeople } from './screens/People'
import { PlacementPage, readPlacement } from './screens/placements/PlacementPage'
import { Placements, readPlacements } from './screens/placements/Placements'
import { Proof, readProof } from './screens/Proof'
import { Account, Settings } from './screens/Settings'
import { Backup } from './screens/settings/Backup'
import { HealthPage } from './screens/settings/Health'
import { IntegrationPage, readIntegration } from './screens/settings/Integration'
import { Keys } from './screens/settings/Keys'
import { Users } from './screens/settings/Users'
import { Workspace } from './screens/settings/Workspace'
import { readToday, Today } from './screens/Today'
import { readTour, VisAVis } from './screens/tour/VisAVis'
import { Shell } from './shell/Shell'

function Root() {
  const { session } = root.useRouteContext()
  return session && <Shell session={session} />
}

function Nowhere() {
  const { t } = useSpeech()
  return <Page question={t.shell.nowhere}><Empty title={t.shell.nowhere}><p className="lead">{t.shell.nowhereNext}</p></Empty></Page>
}

/** A screen that broke: its error is in the browser's log, the navigation still leads elsewhere. */
function Broken({ reset }: { reset: () => void }) {
  const { t } = useSpeech()
  return <Page question={t.shell.broken}><Empty title={t.shell.brokenNext}><p><Button variant="default" onClick={reset}>{t.problem.again}</Button></p></Empty></Page>
}

const root = createRootRouteWithContext<{ session: Session | null }>()({ component: Root, notFoundComponent: Nowhere })
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: Settings })
const routeTree = root.addChildren([
  createRoute({ getParentRoute: () => root, path: '/', component: Today, validateSearch: readToday }),
  createRoute({ getParentRoute: () => root, path: '/people', component: People, validateSearch: readPeople }),
  createRoute({ getParentRoute: () => root, path: '/placements', component: Placements, validateSearch: readPlacements }),
  createRoute({ getParentRoute: () => root, path: '/placements/$id', component: PlacementPage, validateSearch: readPlacement }),
  createRoute({ getParentRoute: () => root, path: '/catalogue', component: Catalogue, validateSearch: readCatalogue }),
  createRoute({ getParentRoute: () => root, path: '/catalogue/$id', component: ItemPage, validateSearch: readItem }),
  createRoute({ getParentRoute: () => root, path: '/proof', component: Proof, validateSearch: readProof }),
  createRoute({ getParentRoute: () => root, path: '/vis-a-vis', component: VisAVis, validateSearch: readTour }),
  settings.addChildren([
    createRoute({ getParentRoute: () => settings, path: '/', component: Account }),
    createRoute({ getParentRoute: () => settings, path: '/users', component: Users }),
    createRoute({ getParentRoute: () => settings, path: '/keys', component: Keys }),
    createRoute({ getParentRoute: () => settings, path: '/integration', component: IntegrationPage, validateSearch: readIntegration }),
    createRoute({ getParentRoute: () => settings, path: '/workspace', component: Workspace }),
    createRoute({ getParentRoute: () => settings, path: '/health', component: HealthPage }),
    createRoute({ getParentRoute: () => settings, path: '/backup', component: Backup }),
  ]),
])

export const router = createRouter({ routeTree, basepath: '/console', context: { session: null }, defaultErrorComponent: Broken, scrollRestoration: false })

declare module '@tanstack/react-router' {
  // The library's own way to learn the routes.
  interface Register { router: typeof router }
}
