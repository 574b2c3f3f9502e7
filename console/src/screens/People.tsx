import { Button, Select, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { useErasePerson, usePerson } from '../api/queries'
import { identifierTypes as types, type Erasure, type IdentifierType, type Person } from '../api/shapes'
import { Consequence } from '../components/Consequence'
import { Page } from '../components/Page'
import { Asked, Empty } from '../components/Said'
import { useSpeech } from '../i18n'
import { useMay } from '../shell/signed'
import { PersonPanels } from './PersonPanels'

export interface PeopleSearch { who?: string }
export const readPeople = (search: Record<string, unknown>): PeopleSearch => (typeof search['who'] === 'string' ? { who: search['who'] } : {})

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

function Found({ who, done }: { who: string; done: (erasure: Erasure) => void }) {
  const mayErase = useMay('erase')
  return (
    <Asked query={usePerson(who)}>
      {person => <><PersonPanels person={person} />{mayErase && <Erase who={who} person={person} done={done} />}</>}
    </Asked>
  )
}

export function People() {
  const { t, format } = useSpeech()
  const { who = '' } = useSearch({ from: '/people' })
  const navigate = useNavigate({ from: '/people' })
  const [erased, setErased] = useState<Erasure | null>(null)
  const look = (identifier: string) => {
    setErased(null)
    void navigate({ search: { who: identifier } })
  }
  const done = (erasure: Erasure) => {
    setErased(erasure)
    void navigate({ search: {}, replace: true })
  }
  return (
    <Page question={t.people.question} lead={t.people.lead}>
      <LookUp who={who} look={look} />
      {erased && <div role="status" className="empty"><h2>{t.people.erased}</h2><p>{t.people.receipt(format.number(erased.events), format.number(erased.decisions))}</p><pre className="code">{erased.receipt}</pre></div>}
      {who ? <Found key={who} who={who} done={done} /> : !erased && <Empty title={t.people.start}><p className="lead">{t.people.startNext}</p></Empty>}
    </Page>
  )
}
