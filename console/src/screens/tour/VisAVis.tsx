import { Select } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useMoments } from '../../api/moments'
import { useSimulated, type Simulated } from '../../api/tour'
import type { Moment } from '../../api/shapes'
import { Page } from '../../components/Page'
import { Asked, Empty } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { useMay } from '../../shell/signed'
import { Them, useMet, You, type Met } from './Faces'
import { Truth } from './Truth'

type Level = 0 | 1 | 2 | 3 | 4

/** Who is beside you, and how well they are known: 0 is without consent. */
export interface TourSearch { person?: number; level?: Level }

const isLevel = (value: unknown): value is Level => typeof value === 'number' && [0, 1, 2, 3, 4].includes(value)

export function readTour({ person, level }: Record<string, unknown>): TourSearch {
  return { ...(typeof person === 'number' && { person }), ...(isLevel(level) && { level }) }
}

function Card({ moment, met: { side, level }, name }: { moment: Moment; met: Met; name: string }) {
  const { t } = useSpeech()
  return (
    <li className={`met met-${side} fresh`} data-moment={moment.id} data-side={side}>
      <div className="row"><b>{side === 'you' ? t.tour.you : name}</b> {isLevel(level) && <span className="tag">{t.tour.short[level]}</span>}</div>
      <div className="quiet">{moment.name}</div>
      {moment.items.length === 0 && <p className="quiet">{t.tour.empty}</p>}
      <ul>{moment.items.slice(0, 3).map(item => <li key={item.itemId}>{item.title}<span className="quiet">{item.reason}</span></li>)}</ul>
      <Link to="/" search={{ open: moment.id, paused: true }} className="quiet">{t.tour.why}</Link>
    </li>
  )
}

function Ladder({ level, change }: { level: Level; change: (level: Level) => void }) {
  const { t } = useSpeech()
  const { name, means } = t.tour.ladder[level]
  return (
    <div className="ladder">
      <label htmlFor="level">{t.tour.level}</label>
      <input id="level" type="range" min={0} max={4} step={1} value={level} aria-valuetext={name} aria-describedby="level-means"
        onChange={event => { const next = event.currentTarget.valueAsNumber; if (isLevel(next)) change(next) }} />
      <p id="level-means" aria-live="polite"><b>{name}.</b> {means}</p>
    </div>
  )
}

function TwoOf({ people }: { people: [Simulated, ...Simulated[]] }) {
  const { t, language } = useSpeech()
  const search = useSearch({ from: '/vis-a-vis' })
  const navigate = useNavigate({ from: '/vis-a-vis' })
  const you = useRef<HTMLIFrameElement>(null)
  const them = useRef<HTMLIFrameElement>(null)
  const [place, setPlace] = useState(`/shop/${language === 'en' ? '?lang=en' : ''}`)
  const { cards } = useMoments(false, true)
  const person = people.find(({ number }) => number === search.person) ?? people[0]
  const level = search.level ?? 4
  const met = useMet(you, them, level)
  const visitor = person.visitors.find(one => one.level === level) ?? null
  const change = (next: TourSearch) => void navigate({ search: { ...search, ...next }, replace: true })
  const shown = cards.flatMap(moment => { const whose = met.get(moment.id); return whose ? [{ moment, whose }] : [] })
  return (
    <>
      <div className="tour-choice">
        <Select label={t.tour.person} allowDeselect={false} value={String(person.number)} data={people.map(one => ({ value: String(one.number), label: t.tour.them(one.name, one.city) }))}
          onChange={value => { change({ person: Number(value) }) }} />
        <Ladder level={level} change={next => { change({ level: next }) }} />
      </div>
      <div className="faces">
        <section className="stack-tight"><h2>{t.tour.you}</h2><You frame={you} them={them} start={place} moved={setPlace} /></section>
        <section className="stack-tight between" aria-labelledby="met">
          <h2 id="met">{t.tour.moments}</h2>
          {shown.length === 0 && <p className="quiet">{t.tour.momentsNone}</p>}
          <ol className="mets" tabIndex={0} aria-labelledby="met">{shown.map(({ moment, whose }) => <Card key={moment.id} moment={moment} met={whose} name={person.name} />)}</ol>
        </section>
        <section className="stack-tight"><h2>{t.tour.them(person.name, person.city)}</h2><Them key={`${String(person.number)} ${String(level)}`} frame={them} start={place} person={person} visitor={visitor} /></section>
      </div>
      <Truth person={person} visitor={visitor} />
    </>
  )
}

export function VisAVis() {
  const { t } = useSpeech()
  const profiles = useMay('profiles:read')
  const stream = useMay('stream:read')
  const simulated = useSimulated(profiles && stream)
  const page = (content: React.ReactNode) => <Page question={t.tour.question} lead={t.tour.lead}>{content}</Page>
  if (!profiles || !stream) return page(<Empty title={t.tour.notYours}><p className="lead">{t.tour.notYoursNext}</p></Empty>)
  return page(
    <Asked query={simulated}>
      {people => {
        const [first, ...others] = people
        return first ? <TwoOf people={[first, ...others]} /> : <Empty title={t.tour.nobody}><p className="lead">{t.tour.nobodyNext}</p></Empty>
      }}
    </Asked>,
  )
}
