import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../components/Page'
import { useSpeech } from '../i18n'
import { Feeds } from './catalogue/Feeds'
import { ImportFile } from './catalogue/ImportFile'
import { Items } from './catalogue/Items'

const views = ['items', 'feeds', 'file'] as const
export type CatalogueView = typeof views[number]

/** In the address: which part, and what is looked for. */
export interface CatalogueSearch { view?: Exclude<CatalogueView, 'items'>; q?: string; category?: string; stock?: 'in' | 'out'; feed?: string; file?: string }

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined)

export function readCatalogue({ view, q, category, stock, feed, file }: Record<string, unknown>): CatalogueSearch {
  const [words, path, one, job] = [textOf(q), textOf(category), textOf(feed), textOf(file)]
  return {
    ...((view === 'feeds' || view === 'file') && { view }),
    ...(words && { q: words }),
    ...(path && { category: path }),
    ...((stock === 'in' || stock === 'out') && { stock }),
    ...(one && { feed: one }),
    ...(job && { file: job }),
  }
}

function Views({ current }: { current: CatalogueView }) {
  const { t } = useSpeech()
  return (
    <nav className="views" aria-label={t.catalogue.views}>
      {views.map(view => (
        <Link key={view} to="/catalogue" search={view === 'items' ? {} : { view }} activeOptions={{ exact: true }} aria-current={view === current ? 'page' : undefined}>{t.catalogue.view[view]}</Link>
      ))}
    </nav>
  )
}

export function Catalogue() {
  const { t } = useSpeech()
  const search = useSearch({ from: '/catalogue' })
  const navigate = useNavigate({ from: '/catalogue' })
  const view = search.view ?? 'items'
  const change = (next: CatalogueSearch) => void navigate({ search: next, replace: true })
  return (
    <Page question={t.catalogue.question} lead={t.catalogue.lead}
      action={view === 'file' ? undefined : <Link className="button" to="/catalogue" search={{ view: 'file' }}>{t.catalogue.view.file}</Link>}>
      <Views current={view} />
      {view === 'items' && <Items search={search} change={change} />}
      {view === 'feeds' && <Feeds open={search.feed} />}
      {view === 'file' && <ImportFile id={search.file} open={id => { change({ view, ...(id && { file: id }) }) }} />}
    </Page>
  )
}
