import { Button, Radio, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type SubmitEvent } from 'react'
import { isTaken, putDraft, refresh } from '../../api/placements'
import type { Placement } from '../../api/shapes'
import { Failed } from '../../components/Said'
import { useSpeech } from '../../i18n'
import { slug, starts, type Start } from './model'

class Taken extends Error {}

/** A draft of its own, from a small choice of beginnings. */
export function NewPlacement() {
  const { t } = useSpeech()
  const { creating } = t.placements
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [start, setStart] = useState<Start>('forYou')
  const [name, setName] = useState('')
  const [typed, setTyped] = useState<string | null>(null)
  const id = typed ?? slug(name)
  const make = useMutation({
    mutationFn: async () => {
      if (await isTaken(id)) throw new Taken()
      const placement = { ...structuredClone(starts[start]), id, name: name.trim() } as unknown as Placement
      await putDraft(placement.kind === 'order' ? { ...placement, items: creating.menuItems } : placement)
      await refresh(queries, id)
    },
    onSuccess: () => navigate({ to: '/placements/$id', params: { id }, search: { tab: 'edit' } }),
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form className="panel" onSubmit={submit}>
      <h2>{creating.question}</h2>
      <div className="fields">
        <TextInput label={creating.name} description={creating.nameNext} required maxLength={60} value={name} onChange={event => { setName(event.currentTarget.value) }} />
        <TextInput label={creating.id} description={creating.idNext} required pattern="[A-Za-z0-9._\-]{1,64}" value={id} error={make.error instanceof Taken ? creating.idTaken : null} onChange={event => { setTyped(event.currentTarget.value) }} />
      </div>
      <Radio.Group label={creating.begin} value={start} onChange={value => { setStart(value as Start) }}>
        <div className="choices">
          {(Object.keys(starts) as Start[]).map(key => <Radio key={key} value={key} label={creating.starts[key].name} description={creating.starts[key].sentence} />)}
        </div>
      </Radio.Group>
      {make.error && !(make.error instanceof Taken) && <Failed error={make.error} />}
      <div><Button type="submit" loading={make.isPending} disabled={!id || !name.trim()}>{creating.make}</Button></div>
    </form>
  )
}
