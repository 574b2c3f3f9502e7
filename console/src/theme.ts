// The look of shared meaning: colours are set in styles/theme.css, because a page with a strict CSP takes no style from scripts.
import { createTheme, Modal, type MantineColorsTuple } from '@mantine/core'

const colour = (name: string) => Array.from({ length: 10 }, (_, shade) => `var(--mantine-color-${name}-${String(shade)})`) as unknown as MantineColorsTuple

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--font-mono)',
  primaryColor: 'coral',
  colors: { coral: colour('coral') },
  defaultRadius: 'md',
  radius: { md: '8px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  autoContrast: false,
  components: {
    // Locking the page's scroll would inject a style element.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 } } }),
  },
})
