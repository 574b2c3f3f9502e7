import { Button, Select, TextInput } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { useErasePerson, usePerson } from '../api/queries'
import { identifierTypes as types, type Erasure, type IdentifierType, type Person } from '../api/shapes'
import { Consequence } from '../components/Consequence'
import { Page } from '../components/Page'
import { Asked, Empty, Failed } from '../components/Said'
import { useSpeech } from '../i18n'
import { useMay } from '../shell/signed'
import { useExportPerson, type TimelineWanted } from '../api/people'
import { Decisions, ShownNow } from './people/Decisions'
import { Imports } from './people/Imports'
import { Timeline } from './people/Timeline'
import { PersonPanels } from './PersonPanels'

const views = ['profile', 'timeline', 'decisions', 'now'] as const
type View = typeof views[number]
const filters = ['name', 'item', 'attribute', 'value', 'from', 'until'] as const

export interface PeopleSearch extends TimelineWanted { who?: string; view?: View }
export function readPeople(search: Record<string, unknown>): PeopleSearch {
  const view = views.find(name => name === search['view'])
  const texts = ['who', ...filters].flatMap(name => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : []))
  return { ...(Object.fromEntries(texts) as PeopleSearch), ...(view && { view }) }
}

/** Whom this page looked up since it was loaded; it is kept nowhere else. */
const lookedUp: string[] = []

function LookUp({ who, look }: { who: string; look: (identifier: string) => void }) {
  const { t } = useSpeech()
  const cut = who.indexOf(':')
  const [type, setType] = useState<IdentifierType>(types.find(name => name === who.slice(0, cut)) ?? 'email')
  const [value, setValue] = useState(who.slice(cut + 1))
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (value.trim()) look(`${type}:${value.trim()}`)
  }
  return (
    <form className="row row-end" onSubmit={submit} role="search">
      <Select label={t.people.by} allowDeselect={false} w={200} value={type} onChange={name => { setType(types.find(other => other === name) ?? 'email') }}
        data={types.map(name => ({ value: name, label: t.people.types[name] }))} />
      <TextInput label={t.people.value} required value={value} autoComplete="off" w={300} maw="100%" onChange={event => { setValue(event.currentTarget.value) }} />
      <Button type="submit">{t.people.look}</Button>
    </form>
  )
}

function Erase({ who, person, done }: { who: string; person: Person; done: (erasure: Erasure) => void }) {
  const { t, format } = useSpeech()
  const [asking, setAsking] = useState(false)
  const erase = useErasePerson()
  return (
    <>
      <div><Button variant="outline" onClick={() => { setAsking(true) }}>{t.people.erase}</Button></div>
      <Consequence opened={asking} title={t.people.eraseTitle} act={t.people.erase} pending={erase.isPending} error={erase.error}
        onAct={() => { erase.mutate(who, { onSuccess: done }) }} onClose={() => { setAsking(false) }}>
        <p><b>{t.people.eraseMeans(format.number(person.events.count))}</b></p>
        <p className="quiet">{t.people.eraseKeeps}</p>
      </Consequence>
    </>
  )
}

function TakeOut({ who }: { who: string }) {
  const { t } = useSpeech()
  const taking = useExportPerson()
  const save = (data: unknown) => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }))
    link.download = 'person.json'
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <>
      <Button variant="default" title={t.people.exportMeans} loading={taking.isPending} onClick={() => { taking.mutate(who, { onSuccess: save }) }}>{t.people.export}</Button>
      {taking.error && <Failed error={taking.error} />}
    </>
  )
}

function Parts({ who, view }: { who: string; view: View }) {
  const { t } = useSpeech()
  return (
    <nav className="row" aria-label={t.people.sectionsOf}>
      {views.map(name => (
        <Link key={name} to="/people" search={{ who, view: name }} className="part-link" {...(name === view && { 'aria-current': 'true' as const })}>
          {t.people.sections[name]}
        </Link>
      ))}
    </nav>
  )
}

function Found({ who, view, wanted, done }: { who: string; view: View; wanted: TimelineWanted; done: (erasure: Erasure) => void }) {
  const mayErase = useMay('erase')
  return (
    <Asked query={usePerson(who)}>
      {person => (
        <>
          <Parts who={who} view={view} />
          {view === 'profile' && <PersonPanels person={person} who={who} />}
          {view === 'timeline' && <Timeline who={who} wanted={wanted} />}
          {view === 'decisions' && <Decisions who={who} />}
          {view === 'now' && <ShownNow who={who} />}
          {view === 'profile' && <div className="row"><TakeOut who={who} />{mayErase && <Erase who={who} person={person} done={done} />}</div>}
        </>
      )}
    </Asked>
  )
}

function Before({ look }: { look: (identifier: string) => void }) {
  const { t } = useSpeech()
  if (lookedUp.length === 0) return null
  return (
    <section className="stack-tight">
      <h2>{t.people.look_ups}</h2>
      <ul className="row list-bare">{lookedUp.map(who => <li key={who}><Button size="xs" variant="default" onClick={() => { look(who) }}>{who.slice(who.indexOf(':') + 1)}</Button></li>)}</ul>
    </section>
  )
}

export function People() {
  const { t, format } = useSpeech()
  const { who = '', view = 'profile', ...wanted } = useSearch({ from: '/people' })
  const [mayLook, mayImport] = [useMay('profiles:read'), useMay('imports:write')]
  const navigate = useNavigate({ from: '/people' })
  const [erased, setErased] = useState<Erasure | null>(null)
  const look = (identifier: string) => {
    setErased(null)
    if (!lookedUp.includes(identifier)) lookedUp.unshift(identifier)
    void navigate({ search: { who: identifier } })
  }
  const done = (erasure: Erasure) => {
    setErased(erasure)
    lookedUp.splice(0, lookedUp.length, ...lookedUp.filter(other => other !== who))
    void navigate({ search: {}, replace: true })
  }
  return (
    <Page question={t.people.question} lead={t.people.lead}>
      {mayLook && <LookUp key={who} who={who} look={look} />}
      {erased && <div role="status" className="empty"><h2>{t.people.erased}</h2><p>{t.people.receipt(format.number(erased.events), format.number(erased.decisions))}</p><pre className="code">{erased.receipt}</pre></div>}
      {who && mayLook
        ? <Found key={who} who={who} view={view} wanted={wanted} done={done} />
        : (
            <>
              {mayLook && !erased && <Empty title={t.people.start}><p className="lead">{t.people.startNext}</p>{mayImport && <p className="lead">{t.people.startImport}</p>}</Empty>}
              {mayLook && <Before look={look} />}
              {mayImport && <Imports />}
            </>
          )}
    </Page>
  )
}
