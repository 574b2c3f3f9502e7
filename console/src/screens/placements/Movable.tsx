// One of a list that can be put in another order: by its buttons, with the keyboard (Alt and an arrow), or dragged by its handle.
import { ActionIcon } from '@mantine/core'
import { useState, type DragEvent, type KeyboardEvent, type ReactNode } from 'react'
import { useSpeech } from '../../i18n'
import { Icon } from '../../shell/icons'

interface Props {
  /** What this one is, for those who hear it. */
  name: string
  index: number
  count: number
  /** Only things of one list change places. */
  list: string
  onMove: (from: number, to: number) => void
  onRemove: (() => void) | null
  children: ReactNode
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list]
  next.splice(to, 0, ...next.splice(from, 1))
  return next
}

const TYPE = 'application/x-visavis-place'

export function Movable({ name, index, count, list, onMove, onRemove, children }: Props) {
  const { t } = useSpeech()
  const [over, setOver] = useState(false)
  const move = (to: number) => { if (to >= 0 && to < count) onMove(index, to) }
  const byKey = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    move(index + (event.key === 'ArrowUp' ? -1 : 1))
  }
  const drop = (event: DragEvent) => {
    setOver(false)
    const [from, at] = event.dataTransfer.getData(TYPE).split(' ')
    if (from !== list || at === undefined) return
    event.preventDefault()
    onMove(Number(at), index)
  }
  return (
    <li className={over ? 'movable over' : 'movable'} onKeyDown={byKey} onDrop={drop} onDragLeave={() => { setOver(false) }}
      onDragOver={event => { if (event.dataTransfer.types.includes(TYPE)) { event.preventDefault(); setOver(true) } }}>
      {count > 1 && <span className="grab" draggable title={t.placements.edit.grab} aria-hidden="true" onDragStart={event => { event.dataTransfer.setData(TYPE, `${list} ${String(index)}`) }}><Icon name="grab" /></span>}
      <div className="movable-body">{children}</div>
      <div className="movable-act">
        {count > 1 && (
          <>
            <ActionIcon variant="default" aria-label={t.placements.edit.up(name)} disabled={index === 0} onClick={() => { move(index - 1) }}><Icon name="up" /></ActionIcon>
            <ActionIcon variant="default" aria-label={t.placements.edit.down(name)} disabled={index === count - 1} onClick={() => { move(index + 1) }}><Icon name="down" /></ActionIcon>
          </>
        )}
        {onRemove && <ActionIcon variant="default" aria-label={t.placements.edit.remove(name)} onClick={onRemove}><Icon name="remove" /></ActionIcon>}
      </div>
    </li>
  )
}
