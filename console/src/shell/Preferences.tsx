import { SegmentedControl, useMantineColorScheme } from '@mantine/core'
import { useSpeech } from '../i18n'

/** Language and theme, kept in this browser. */
export function Preferences() {
  const { t, language, speak } = useSpeech()
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true }) // or a style element would stop them
  return (
    <div className="row">
      <SegmentedControl size="xs" aria-label={t.shell.language} value={language} onChange={speak}
        data={[{ value: 'fr', label: 'Fr' }, { value: 'en', label: 'En' }]} />
      <SegmentedControl size="xs" aria-label={t.shell.theme} value={colorScheme} onChange={setColorScheme}
        data={[{ value: 'light', label: t.shell.light }, { value: 'dark', label: t.shell.dark }, { value: 'auto', label: t.shell.auto }]} />
    </div>
  )
}
