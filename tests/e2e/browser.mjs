// Debian's Chromium for the tests here; CHROMIUM names another one. Without any these tests are skipped, visibly.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(path => path && existsSync(path))

export const skip = executablePath ? false : 'no Chromium here: apt-get install chromium, or say CHROMIUM=PATH'
export const launch = () => chromium.launch({ executablePath, args: ['--no-sandbox'] })
/** With a profile that stays, for a tool that takes the same browser over at a port. */
export const launchAt = (profile, port) => chromium.launchPersistentContext(profile,
  { executablePath, args: ['--no-sandbox', `--remote-debugging-port=${port}`] })
