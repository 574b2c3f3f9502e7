import { Button, CopyButton } from '@mantine/core'
import { useSpeech } from '../i18n'

/** Something to paste elsewhere. */
export function CopyText({ text, label }: { text: string; label: string }) {
  const { t } = useSpeech()
  return (
    <div className="stack-tight">
      <pre className="code" tabIndex={0} aria-label={label}>{text}</pre>
      <div><CopyButton value={text}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{copied ? t.users.copied : t.users.copy}</Button>}</CopyButton></div>
    </div>
  )
}
