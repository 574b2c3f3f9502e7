import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Everything is a file of its own with its content in its name: the CSP allows nothing inline, and caches may keep all but
// index.html for ever.
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
  server: { proxy: { '/api': 'http://localhost:8080', '/v1': 'http://localhost:8080', '/assets': 'http://localhost:8080' } },
})
