import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Person } from '../api/shapes'
import { useSpeech } from '../i18n'
import { useMay } from '../shell/signed'
import { NoteChoice } from './people/NoteChoice'

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return <section className="panel"><h2>{title}</h2>{children}</section>
}

/** Rows that say the same once: what an event tells of an account it tells of the device too. */
function once<T>(rows: T[], said: (row: T) => unknown) {
  return [...new Map(rows.map(row => [JSON.stringify(said(row)), row])).values()]
}

/** Links name nodes; of a node that is not this person's nothing is told. */
function Links({ person, who }: { person: Person; who: string }) {
  const { t, format } = useSpeech()
  const named = (node: string, type: string) => {
    const own = person.identifiers.find(identifier => identifier.node === node)
    return own ? own.value : `${t.people.types[type] ?? type} (${t.people.linkStranger})`
  }
  const links = once(person.links, ({ from, to, state, since }) => [from, to, state, since])
  return (
    <ul className="stack-tight">
      {links.map((link, index) => (
        <li key={index}>
          {t.people.linkRow(named(link.from, link.fromType), named(link.to, link.toType))}
          {' '}<span className={`tag ${link.state === 'proven' ? 'tag-good' : 'tag-wait'}`}>{t.people.linkStates[link.state]}</span>
          {' '}<span className="quiet">{t.people.since(format.date(link.since))} · <Link to="/people" search={{ who, view: 'timeline', from: link.since, until: new Date(Date.parse(link.since) + 1000).toISOString() }}>{t.people.linkEvent}</Link></span>
        </li>
      ))}
    </ul>
  )
}

function Identity({ person, who }: { person: Person; who: string }) {
  const { t, format } = useSpeech()
  const linked = (state: string) => once(person.links, ({ from, to, since }) => [from, to, since]).filter(link => link.state === state).length
  return (
    <Panel title={t.people.identity}>
      <p>{t.moment.level(person.level)}{person.robot && ` · ${t.people.robot}`}</p>
      {t.people.missing(person.level) && <p className="quiet">{t.people.missing(person.level)}</p>}
      <dl className="facts">{person.identifiers.map(({ type, value }) => <div key={type + value} className="facts-row"><dt>{t.people.types[type] ?? type}</dt><dd>{value}</dd></div>)}</dl>
      {person.links.length > 0 && <p className="quiet">{t.people.links(linked('proven'), linked('claimed'))}</p>}
      <Links person={person} who={who} />
      <p className="quiet">{t.people.seen(person.events.count, person.events.views, person.sessions.count)}{person.events.last && `, ${format.age(person.events.last)}`}</p>
    </Panel>
  )
}

function Consents({ person, who }: { person: Person; who: string }) {
  const notes = useMay('consent:write')
  const history = once(person.consents.flatMap(consent => consent.history), row => row).toSorted((a, b) => (a.at < b.at ? 1 : -1))
  const { t, format } = useSpeech()
  const said = once(person.consents.flatMap(({ node, purposes }) => purposes.map(purpose => ({ node, ...purpose }))), ({ purpose, state, objected, at }) => [purpose, state, objected, at])
  const rows = said.map(row => ({ ...row, of: said.some(other => other.purpose === row.purpose && other !== row) ? person.identifiers.find(({ node }) => node === row.node)?.value : undefined }))
  const tone = { granted: 'tag-good', denied: 'tag-bad', unknown: 'tag-wait' }
  return (
    <Panel title={t.people.consents}>
      {rows.length === 0 && <p className="quiet">{t.people.noConsent}</p>}
      <ul className="stack-tight">
        {rows.map(row => (
          <li key={row.node + row.purpose} className="row">
            <b>{t.people.purposes[row.purpose] ?? row.purpose}</b>
            <span className={`tag ${row.objected ? 'tag-bad' : tone[row.state]}`}>{row.objected ? t.people.objected : t.people.states[row.state]}</span>
            {row.at && <span className="quiet">{format.date(row.at)}{row.of && ` · ${row.of}`}</span>}
          </li>
        ))}
      </ul>
      {history.length > 0 && (
        <details>
          <summary>{t.people.history}</summary>
          <ul className="stack-tight">
            {history.map((choice, index) => (
              <li key={index}>
                {choice.purposes.map(purpose => t.people.purposes[purpose] ?? purpose).join(', ')}
                {' '}<b>{choice.objection ? t.people.objects : t.people.states[choice.state]}</b>
                {' '}<span className="quiet">{format.date(choice.at)} · {t.people.choiceSource[choice.source]}{choice.text && ` · ${choice.text}`}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {notes && <NoteChoice who={who} person={person} />}
    </Panel>
  )
}

/** Weights are told beside the largest one; what is behind them are views, baskets and orders. */
function Tastes({ person, who }: { person: Person; who: string }) {
  const { t } = useSpeech()
  const rows = person.affinities.toSorted((a, b) => b.weight - a.weight).slice(0, 12)
  const largest = rows[0]?.weight ?? 1
  return (
    <Panel title={t.people.tastes}>
      {rows.length === 0 && <p className="quiet">{t.people.noTaste}</p>}
      <ul className="parts">
        {rows.map(({ attribute, value, weight }) => (
          <li key={attribute + value} className="part">
            <span><Link to="/people" search={{ who, view: 'timeline', attribute, value }} aria-label={t.people.evidence(value)}>{value}</Link> <span className="quiet">{t.people.attributes[attribute] ?? attribute}</span></span>
            <svg className="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect className="more" width={(100 * weight) / largest} height="6" /></svg>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Items({ title, none, rows }: { title: string; none: string; rows: { item: string; at: string; told: string }[] }) {
  const { format } = useSpeech()
  const opens = useMay('catalog:write')
  return (
    <Panel title={title}>
      {rows.length === 0 && <p className="quiet">{none}</p>}
      <ul className="stack-tight">{rows.slice(0, 12).map((row, index) => <li key={index}>{opens ? <Link to="/catalogue/$id" params={{ id: row.item }}>{row.item}</Link> : <b>{row.item}</b>} <span className="quiet">{row.told} · {format.age(row.at)}</span></li>)}</ul>
    </Panel>
  )
}

export function PersonPanels({ person, who }: { person: Person; who: string }) {
  const { t, format } = useSpeech()
  return (
    <div className="grid">
      <Identity person={person} who={who} />
      <Consents person={person} who={who} />
      <Tastes person={person} who={who} />
      <Items title={t.people.recents} none={t.people.noRecent} rows={person.recents.map(({ item, at, views }) => ({ item, at, told: t.people.views(views) }))} />
      <Items title={t.people.basket} none={t.people.noBasket} rows={person.basket.map(({ item, at, quantity }) => ({ item, at, told: `× ${String(quantity)}` }))} />
      <Items title={t.people.bought(person.orders.count)} none={t.people.noOrder} rows={person.bought.map(({ item, at, quantity }) => ({ item, at, told: `× ${String(quantity)}` }))} />
      {person.traits.length > 0 && (
        <Panel title={t.people.traits}>
          <dl className="facts">{person.traits.map(trait => <div key={trait.name} className="facts-row"><dt>{trait.name}</dt><dd>{trait.value} <span className="quiet">{t.people.sources[trait.source] ?? trait.source} · {format.age(trait.at)}</span></dd></div>)}</dl>
        </Panel>
      )}
    </div>
  )
}
