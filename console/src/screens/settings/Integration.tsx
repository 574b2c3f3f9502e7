// Is the shop connected: what to paste, what was found, what arrives, what was refused.
import { Button, SegmentedControl, Select } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useChangeKey, useIntegration, useKeys, useRefused, type Integration } from '../../api/settings'
import { CopyText } from '../../components/CopyText'
import { Page } from '../../components/Page'
import { Asked, Empty, Failed } from '../../components/Said'
import { useSpeech, type Texts } from '../../i18n'
import { useMay } from '../../shell/signed'
import { snippet, type Way } from './snippet'

type Result = keyof Integration['results']
const results: Result[] = ['kept', 'again', 'counted', 'refused']
const isResult = (text: unknown): text is Result => results.some(result => result === text)
const ways: Way[] = ['page', 'manager', 'csp']

interface Search { result?: Result; paused?: boolean }

export const readIntegration = (search: Record<string, unknown>): Search => ({
  ...(isResult(search.result) && { result: search.result }), ...(search.paused === true && { paused: true }),
})

/* --- what to paste --- */

function Install() {
  const { t } = useSpeech()
  const mayKeys = useMay('keys:write')
  const keys = useKeys(mayKeys)
  const [way, setWay] = useState<Way>('page')
  const [chosen, setChosen] = useState('')
  const pages = (keys.data?.keys ?? []).filter(key => key.lives && key.text !== undefined && key.origins.length > 0)
  const key = pages.find(({ id }) => id === chosen) ?? pages[0]
  return (
    <section className="panel">
      <h2>{t.integration.install}</h2>
      <div className="row row-end">
        <SegmentedControl aria-label={t.integration.install} data={ways.map(value => ({ value, label: t.integration.ways[value] }))} value={way} onChange={value => { setWay(ways.find(one => one === value) ?? 'page') }} />
        {pages.length > 1 && <Select label={t.integration.keyOf} allowDeselect={false} w={260} value={key?.id ?? null} data={pages.map(({ id, name, origins }) => ({ value: id, label: `${name || id} · ${origins[0] ?? ''}` }))} onChange={value => { setChosen(value ?? '') }} />}
      </div>
      <p className="quiet">{t.integration.wayMeans[way]}</p>
      {key || way === 'csp'
        ? <CopyText text={snippet(way, location.origin, key?.text ?? '')} label={t.integration.ways[way]} />
        : <Empty title={t.integration.noKey}>{mayKeys && <p><Link to="/settings/keys">{t.integration.makeKey}</Link></p>}</Empty>}
    </section>
  )
}

/* --- what was found --- */

type State = keyof Texts['integration']['state']
const look: Record<State, string> = { good: 'tag tag-good', wait: 'tag tag-wait', open: 'tag' }

function Check({ name, state, children }: { name: string; state: State; children: ReactNode }) {
  const { t } = useSpeech()
  return <li><b>{name}</b><div className="rows">{children}</div><span className={look[state]}>{t.integration.state[state]}</span></li>
}

function Origins({ seen }: { seen: Integration }) {
  const { t, format } = useSpeech()
  const may = useMay('keys:write')
  const change = useChangeKey()
  const [allowed, setAllowed] = useState('')
  return (
    <Check name={t.integration.origins} state={seen.origins.length > 0 ? 'wait' : 'good'}>
      {seen.origins.length === 0 && !allowed && <span>{t.integration.originsNone}</span>}
      {allowed && <span role="status">{t.integration.allowed(allowed)}</span>}
      {seen.origins.map(({ origin, key, count, last }) => (
        <div key={origin} className="row">
          <span>{t.integration.origin(origin, format.number(count), format.age(last))}</span>
          {may && <Button size="xs" variant="default" loading={change.isPending} aria-label={`${t.integration.allow} ${origin}`}
            onClick={() => { change.mutate({ do: 'edit', id: key, body: { addOrigin: origin } }, { onSuccess: () => { setAllowed(origin) } }) }}>{t.integration.allow}</Button>}
        </div>
      ))}
      {change.error && <Failed error={change.error} />}
    </Check>
  )
}

function Checks({ seen }: { seen: Integration }) {
  const { t, format } = useSpeech()
  const { results: count, items, consent, doubles, pageTypes } = seen
  const arrived = count.kept + count.counted > 0
  const told = consent.said + consent.unsaid
  return (
    <section className="panel">
      <h2>{t.integration.checks}</h2>
      <p className="quiet">{t.integration.since(format.age(seen.since))}</p>
      <ul className="checks">
        <Check name={t.integration.arrived} state={arrived ? 'good' : 'wait'}>{arrived ? t.integration.arrivedYes(format.number(count.kept), format.number(count.counted)) : t.integration.arrivedNo}</Check>
        <Check name={t.integration.refused} state={count.refused > 0 ? 'wait' : arrived ? 'good' : 'open'}>{count.refused > 0 ? t.integration.refusedNo(format.number(count.refused)) : null}</Check>
        <Origins seen={seen} />
        <Check name={t.integration.itemsKnown} state={items.named === 0 ? 'open' : items.known / items.named >= 0.95 ? 'good' : 'wait'}>
          {items.named === 0 ? t.integration.itemsNone : t.integration.itemsShare(format.percent(items.known / items.named), format.number(items.named))}
        </Check>
        <Check name={t.integration.consent} state={told === 0 ? 'open' : consent.said > 0 ? 'good' : 'wait'}>
          {consent.said > 0 ? t.integration.consentSaid(format.percent(consent.said / told), format.number(consent.measure), format.number(consent.personalise)) : t.integration.consentNone}
        </Check>
        <Check name={t.integration.types} state={pageTypes.length === 0 ? 'open' : pageTypes.some(({ type }) => type === '') ? 'wait' : 'good'}>
          {pageTypes.length === 0 ? t.integration.typesNone : pageTypes.map(({ type, count: pages }) => `${type || t.integration.typeless} (${format.number(pages)})`).join(', ')}
        </Check>
        <Check name={t.integration.doubles} state={doubles.count > 0 ? 'wait' : arrived ? 'good' : 'open'}>
          {doubles.count > 0 ? t.integration.doublesSome(format.number(doubles.count), format.age(doubles.last ?? seen.since)) : t.integration.doublesNone}
        </Check>
      </ul>
    </section>
  )
}

/* --- as it arrives --- */

const marks: Record<Result, string> = { kept: 'tag tag-good', again: 'tag', counted: 'tag tag-wait', refused: 'tag tag-bad' }

function Message({ row }: { row: Integration['recent'][number] }) {
  const { t, format } = useSpeech()
  return (
    <tr>
      <td className="nowrap">{format.age(row.at)}</td>
      <th scope="row">{row.name || row.type || '—'}{row.name && <span className="quiet"> {row.type}</span>}</th>
      <td><span className={marks[row.result]}>{t.integration.results[row.result]}</span></td>
      <td>{row.key}{row.library && <span className="quiet"> {row.library}</span>}</td>
      <td>
        {row.detail ? <>{row.field && <code>{row.field}</code>} {row.detail}</> : t.integration.consents[row.consent]}
        {row.items > 0 && ` · ${t.integration.items(row.known, row.items)}`}
      </td>
    </tr>
  )
}

function Live({ seen }: { seen: Integration }) {
  const { t } = useSpeech()
  const search = useSearch({ from: '/settings/integration' })
  const navigate = useNavigate({ from: '/settings/integration' })
  const rows = seen.recent.filter(({ result }) => search.result === undefined || result === search.result).slice(0, 30)
  const go = (next: Search) => void navigate({ search: next, replace: true })
  return (
    <section className="panel">
      <div className="row row-end">
        <h2>{t.integration.live}</h2>
        <Select size="xs" label={t.integration.show} allowDeselect={false} w={160} value={search.result ?? 'all'}
          data={[{ value: 'all', label: t.integration.all }, ...results.map(value => ({ value, label: t.integration.results[value] }))]}
          onChange={value => { go({ ...(search.paused && { paused: true }), ...(isResult(value) && { result: value }) }) }} />
        <Button size="xs" variant="default" onClick={() => { go({ ...(search.result && { result: search.result }), ...(!search.paused && { paused: true }) }) }}>{search.paused ? t.integration.resume : t.integration.pause}</Button>
        {search.paused && <span className="quiet" role="status">{t.integration.livePaused}</span>}
      </div>
      {rows.length === 0
        ? <Empty title={search.result ? t.integration.nothingOf : t.integration.nothing}><p>{t.integration.nothingNext}</p></Empty>
        : (
          <div className="scroll" tabIndex={0} role="region" aria-label={t.integration.live}>
            <table className="table">
              <thead><tr><th scope="col">{t.integration.at}</th><th scope="col">{t.integration.message}</th><th scope="col">{t.integration.result}</th><th scope="col">{t.integration.source}</th><th scope="col">{t.integration.what}</th></tr></thead>
              <tbody>{rows.map((row, at) => <Message key={`${row.at}-${String(rows.length - at)}`} row={row} />)}</tbody>
            </table>
          </div>
        )}
    </section>
  )
}

/* --- what was refused --- */

function Why() {
  const { t, format, language } = useSpeech()
  const [asked, setAsked] = useState(false)
  const refused = useRefused(language, asked)
  return (
    <section className="panel">
      <h2>{t.integration.why}</h2>
      <p className="quiet">{t.integration.whyLead}</p>
      {!asked && <div><Button size="xs" variant="default" onClick={() => { setAsked(true) }}>{t.integration.whyShow}</Button></div>}
      {asked && (
        <Asked query={refused}>
          {rows => rows.length === 0 ? <p>{t.integration.whyNone}</p> : (
            <div className="scroll" tabIndex={0} role="region" aria-label={t.integration.why}>
              <table className="table">
                <thead><tr><th scope="col">{t.integration.at}</th><th scope="col">{t.integration.reason}</th><th scope="col">{t.integration.message}</th></tr></thead>
                <tbody>{rows.map(row => <tr key={row.id}><td className="nowrap">{format.date(row.time)}</td><td>{row.field && <code>{row.field}</code>} {row.reason}</td><td><code className="message">{row.message}</code></td></tr>)}</tbody>
              </table>
            </div>
          )}
        </Asked>
      )}
    </section>
  )
}

export function IntegrationPage() {
  const { t } = useSpeech()
  const seen = useIntegration(useSearch({ from: '/settings/integration' }).paused === true)
  return (
    <Page question={t.integration.question} lead={t.integration.lead}>
      <Install />
      <Asked query={seen}>{found => <><Checks seen={found} /><Live seen={found} /></>}</Asked>
      <Why />
    </Page>
  )
}
