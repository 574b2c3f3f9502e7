// The whole product in one component: who, where, when; what was chosen and what came second; because; under.
import { Button, Select } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { useExplanation, useWhyNot } from '../api/queries'
import type { Contribution, Explanation, Moment } from '../api/shapes'
import { useSpeech } from '../i18n'
import { Icon } from '../shell/icons'
import { useMay } from '../shell/signed'
import { Picture } from './Picture'
import { Asked } from './Said'

const PARTS_MAX = 4

function Level({ level }: { level: number }) {
  return <span className="level" aria-hidden="true">{[1, 2, 3, 4].map(step => <i key={step} className={step <= level ? 'on' : ''} />)}</span>
}

function Head({ moment }: { moment: Moment }) {
  const { t, format } = useSpeech()
  const known = moment.who !== ''
  const consent = moment.basis === 'granted' ? 'tag-good' : moment.basis === 'denied' || moment.basis === 'objected' ? 'tag-bad' : 'tag-wait'
  return (
    <header className="moment-head">
      <div className="who">
        <span className="avatar"><Icon name="people" /></span>
        <div>
          <b>{known ? t.moment.visitor(moment.who.slice(-4)) : t.moment.nobody}</b>{' '}
          <span className={`tag ${consent}`}>{t.moment.consent[moment.basis] ?? moment.basis}</span>{' '}
          {moment.simulated && <span className="tag">{t.moment.simulated}</span>}
          <div className="quiet">{known && <><Level level={moment.level} /> {t.moment.level(moment.level)}</>}{!known && t.moment.pageOnly}</div>
        </div>
      </div>
      <div className="where">
        <b>{moment.name}</b>
        <div className="quiet">{t.moment.page[moment.page] ?? t.moment.onPage(moment.page)}{moment.pageItem && ` · ${moment.pageItem}`}</div>
      </div>
      <time dateTime={moment.at} title={format.date(moment.at)}>{format.age(moment.at)}</time>
    </header>
  )
}

function Chosen({ moment, told }: { moment: Moment; told: Explanation }) {
  const { t } = useSpeech()
  const words = new Map(told.items?.map(item => [item.itemId, item]))
  return (
    <section className="chosen">
      <h3>{t.moment.chosen}</h3>
      {moment.items.length === 0 && <p className="quiet">{told.fallback?.sentence || (told.order ? told.order.map(row => row.id).join(' → ') : t.moment.nothing)}</p>}
      <ul className="items">
        {moment.items.slice(0, 4).map(item => (
          <li key={item.itemId} className="item"><Picture image={item.image} /><b>{words.get(item.itemId)?.title ?? item.title}</b><span>{words.get(item.itemId)?.reason ?? item.reason}</span></li>
        ))}
      </ul>
      {told.runnerUp && <p className="quiet">{t.moment.second(told.runnerUp.title)}</p>}
    </section>
  )
}

interface Part { label: string; value: number }

/** The largest few, and the rest as one, so that what is shown still sums. */
function partsOf(contributions: Contribution[], rest: (count: number) => string): Part[] {
  const sorted = contributions.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value))
  const told = sorted.slice(0, sorted.length > PARTS_MAX ? PARTS_MAX - 1 : PARTS_MAX)
  const others = sorted.slice(told.length)
  const parts = told.map(({ sentence, value }) => ({ label: sentence.replace(/\s*:\s*[+\u2212-]?[\d.,]+$/, ''), value }))
  if (others.length > 0) parts.push({ label: rest(others.length), value: others.reduce((sum, { value }) => sum + value, 0) })
  return parts
}

/** Each bar begins where the one before ended, so that the last one ends at the sum. */
export function Contributions({ contributions, score }: { contributions: Contribution[]; score: number }) {
  const { t, format } = useSpeech()
  const parts = partsOf(contributions, t.moment.rest)
  const ends = parts.map((_, index) => parts.slice(0, index + 1).reduce((sum, part) => sum + part.value, 0))
  const low = Math.min(0, ...ends)
  const scale = Math.max(...ends, 1e-9) - low
  return (
    <ul className="parts">
      {parts.map(({ label, value }, index) => {
        const end = ends[index] ?? 0
        const from = Math.min(end, end - value)
        return (
          <li key={label} className="part">
            <span>{label}</span><span className="number">{format.signed(value)}</span>
            <svg className="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect className={value < 0 ? 'less' : 'more'} x={(100 * (from - low)) / scale} width={(100 * Math.abs(value)) / scale} height="6" />
            </svg>
          </li>
        )
      })}
      <li className="part part-sum"><span>{t.moment.sum}</span><span className="number">{format.score(score)}</span></li>
    </ul>
  )
}

function Because({ told }: { told: Explanation }) {
  const { t } = useSpeech()
  const first = told.items?.[0]
  return (
    <section className="stack-tight">
      <h3>{first ? t.moment.because(first.title) : t.moment.becausePlain}</h3>
      {first?.why && <p className="quiet">{first.why}</p>}
      {first && first.contributions.length > 0
        ? <Contributions contributions={first.contributions} score={first.score} />
        : <p className="quiet">{told.basis?.sentence}</p>}
    </section>
  )
}

function Under({ moment, told }: { moment: Moment; told: Explanation }) {
  const { t } = useSpeech()
  const counts = told.removedCounts ?? []
  const total = counts.reduce((sum, row) => sum + row.count, 0)
  const lines = [
    total > 0 ? t.moment.removed(total, counts.map(row => `${row.sentence} (${String(row.count)})`).join(', ')) : t.moment.noneRemoved,
    moment.explored ? t.moment.explored : t.moment.ranked,
    moment.personalised ? t.moment.personal : t.moment.shared,
    moment.items.length > 0 ? told.fallback?.sentence : '',
    t.moment.policy(moment.policy),
  ]
  return (
    <section className="stack-tight">
      <h3>{t.moment.under}</h3>
      <ul className="under">{lines.filter(Boolean).map(line => <li key={line}>{line}</li>)}</ul>
    </section>
  )
}

function WhyNot({ moment, told }: { moment: Moment; told: Explanation }) {
  const { t, language } = useSpeech()
  const [item, setItem] = useState('')
  const answer = useWhyNot(moment.id, item, language)
  const others = new Map<string, string>()
  if (told.runnerUp) others.set(told.runnerUp.itemId, told.runnerUp.title)
  told.removed?.forEach(row => others.set(row.itemId, row.title))
  if (others.size === 0) return null
  return (
    <section>
      <Select label={t.moment.whyNot} placeholder={t.moment.whyNotPick} searchable nothingFoundMessage={t.moment.whyNotNone} maw={420}
        data={[...others].map(([value, label]) => ({ value, label: label || value }))} value={item || null} onChange={value => { setItem(value ?? '') }} />
      {item && <Asked query={answer}>{({ sentences }) => <ul className="sentences">{sentences.map(line => <li key={line}>{line}</li>)}</ul>}</Asked>}
    </section>
  )
}

function Evidence({ moment, told }: { moment: Moment; told: Explanation }) {
  const { t, format } = useSpeech()
  const seesItems = useMay('catalog:write')
  return (
    <div className="moment-more">
      {told.items && told.items.length > 0 && (
        <section>
          <h3>{t.moment.all}</h3>
          <ol className="stack">
            {told.items.map(item => (
              <li key={item.itemId} className="stack-tight">
                <p>
                  {seesItems ? <Link to="/catalogue/$id" params={{ id: item.itemId }}>{item.title}</Link> : <b>{item.title}</b>}
                  <span className="quiet"> · {t.moment.chance(format.percent(item.probability))}</span>
                </p>
                {item.contributions.length > 0 && <Contributions contributions={item.contributions} score={item.score} />}
              </li>
            ))}
          </ol>
        </section>
      )}
      {told.removed && told.removed.length > 0 && (
        <section>
          <h3>{t.moment.filtered}</h3>
          <ul className="stack-tight">{told.removed.map(item => <li key={item.itemId}><span className="gone">{item.title || item.itemId}</span> <span className="quiet">{item.sentence}</span></li>)}</ul>
        </section>
      )}
      <section>
        <h3>{t.moment.story}</h3>
        <ul className="sentences">{told.sentences.map(line => <li key={line}>{line}</li>)}</ul>
      </section>
      {told.whatIf && told.whatIf.changes.length > 0 && (
        <section>
          <h3>{t.moment.whatIf}</h3>
          <ul className="sentences">{told.whatIf.changes.map(change => <li key={change.sentence}>{change.sentence}</li>)}</ul>
        </section>
      )}
      <WhyNot moment={moment} told={told} />
      <details>
        <summary>{t.moment.raw}</summary>
        <pre className="code" tabIndex={0}>{JSON.stringify(told, null, 2)}</pre>
      </details>
    </div>
  )
}

export function MomentCard({ moment, opened, onToggle }: { moment: Moment; opened: boolean; onToggle: (open: boolean) => void }) {
  const { t, language } = useSpeech()
  const title = useId()
  // A card speaks the shop's language; in the other one, or opened, the whole explanation is asked for.
  const whole = useExplanation(moment.id, language, opened || language !== moment.lang)
  const told = whole.data ?? moment.explanation
  return (
    <article className="moment fresh" aria-labelledby={title} data-moment={moment.id}>
      <span id={title} className="unseen">{t.moment.title(moment.name)}</span>
      <Head moment={moment} />
      <div className="moment-body">
        <Chosen moment={moment} told={told} />
        <div className="because"><Because told={told} /><Under moment={moment} told={told} /></div>
      </div>
      <div><Button size="xs" variant="default" aria-expanded={opened} onClick={() => { onToggle(!opened) }}>{opened ? t.close : t.moment.why}</Button></div>
      {opened && <Asked query={whole}>{evidence => <Evidence moment={moment} told={evidence} />}</Asked>}
    </article>
  )
}
