// A choice that the person told somebody: noted on one of their identifiers, with how it was told.
import { Button, Select, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { useNoteChoice } from '../../api/people'
import type { Person } from '../../api/shapes'
import { Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'

const members = { email: 'email', user_id: 'userId', anonymous_id: 'anonymousId' } as const
const purposes = ['personalise', 'measure', 'learn', 'email', 'push', 'sms'] as const
type Named = keyof typeof members
const isNamed = (type: string): type is Named => type in members

export function NoteChoice({ who, person }: { who: string; person: Person }) {
  const { t } = useSpeech()
  const [purpose, setPurpose] = useState<string>(purposes[0])
  const [state, setState] = useState<'granted' | 'denied'>('denied')
  const [text, setText] = useState('')
  const note = useNoteChoice(who)
  const cut = who.indexOf(':')
  const all = [{ type: who.slice(0, cut), value: who.slice(cut + 1) }, ...person.identifiers]
  const on = all.find(({ type }) => isNamed(type))
  if (!on || !isNamed(on.type)) return <p className="quiet">{t.people.noteNo}</p>
  const member = members[on.type]
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    note.mutate({ [member]: on.value, purposes: { [purpose]: state }, text }, { onSuccess: () => { setText('') } })
  }
  return (
    <details>
      <summary>{t.people.note}</summary>
      <form className="stack-tight" onSubmit={submit}>
        <Select label={t.people.notePurpose} allowDeselect={false} value={purpose} data={purposes.map(value => ({ value, label: t.people.purposes[value] ?? value }))} onChange={value => { setPurpose(value ?? purposes[0]) }} />
        <Select label={t.people.noteState} allowDeselect={false} value={state} data={[{ value: 'granted', label: t.people.states.granted }, { value: 'denied', label: t.people.states.denied }]} onChange={value => { setState(value === 'granted' ? 'granted' : 'denied') }} />
        <TextInput label={t.people.noteHow} required value={text} maxLength={500} onChange={event => { setText(event.currentTarget.value) }} />
        <div className="row"><Button type="submit" variant="outline" loading={note.isPending}>{t.people.noteSave}</Button>{note.isSuccess && <span role="status" className="tag tag-good">{t.people.noted}</span>}</div>
        {note.error && <Failed error={note.error} />}
      </form>
    </details>
  )
}
