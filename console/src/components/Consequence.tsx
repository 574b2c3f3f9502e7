import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { useSpeech } from '../i18n'
import { Failed } from './Said'

interface Props {
  opened: boolean
  title: string
  /** What will be gone, in numbers. */
  children: ReactNode
  act: string
  pending: boolean
  error?: Error | null
  onAct: () => void
  onClose: () => void
}

/** Asks by consequence before what cannot be undone. The way out has the focus. */
export function Consequence({ opened, title, children, act, pending, error, onAct, onClose }: Props) {
  const { t } = useSpeech()
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t.close }}>
      <div className="stack">
        {children}
        {error && <Failed error={error} />}
        <div className="row">
          <Button variant="default" onClick={onClose} data-autofocus>{t.keep}</Button>
          <Button color="coral" loading={pending} onClick={onAct}>{act}</Button>
        </div>
      </div>
    </Modal>
  )
}
