// English. Its shape is what every language must have.
import type { Role } from '../api/client'
import { catalogue, item } from './en/catalogue'
import { people } from './en/people'
import { placementTexts } from './en/placements'
import { proof } from './en/proof'
import { settings } from './en/settings'
import { overview, today } from './en/today'
import { tour } from './en/tour'

const many = (count: number, one: string, more: string) => (count === 1 ? one : more)

type Words = Partial<Record<string, string>>

const roles: Record<Role, string> = {
  owner: 'Owner', marketer: 'Marketer', analyst: 'Analyst', agent: 'Service agent', privacy: 'Privacy officer', developer: 'Developer',
}

const roleMeans: Record<Role, string> = {
  owner: 'Sees and changes everything, users included.',
  marketer: 'Sees moments, changes placements and the catalogue. Opens nobody’s page.',
  analyst: 'Reads moments, placements and proof. Changes nothing.',
  agent: 'Opens a customer’s page to answer them, and notes their choice.',
  privacy: 'Looks people up, notes their choice, erases them, reads the audit.',
  developer: 'Connects the shop: moments, catalogue, refused messages, keys.',
}

const consent: Words = {
  granted: 'agrees', unknown: 'no choice yet', denied: 'refuses', objected: 'objects', minor: 'minor', robot: 'robot', contextual: 'not asked', none: 'not asked',
}

const page: Words = { home: 'Home page', product: 'Product page', category: 'Category page', search: 'Search page', cart: 'Basket page', checkout: 'Checkout', account: 'Account' }



export const en = {
  ...placementTexts,
  close: 'Close',
  keep: 'Leave it as it is',
  undo: 'Undo',
  table: { columns: 'Columns', save: 'Save as CSV' },
  roles,
  roleMeans,
  nav: { today: 'Today', people: 'People', placements: 'Placements', proof: 'Proof', catalogue: 'Catalogue', settings: 'Settings' },
  shell: {
    skip: 'Skip to the page',
    navigation: 'Main',
    language: 'Language',
    theme: 'Theme',
    light: 'Light',
    dark: 'Dark',
    auto: 'Auto',
    workspace: 'Shop',
    signOut: 'Sign out',
    simulated: 'Demo shop:',
    simulatedWhy: 'visitors, orders and figures are simulated.',
    noWorkspace: 'There is no shop yet',
    noWorkspaceNext: 'Whoever runs the server makes one with this command; it prints the keys that the shop needs.',
    broken: 'This page broke',
    brokenNext: 'The mistake is ours, not yours. Nothing that you wrote is lost: drafts are kept. The other pages work.',
    nowhere: 'There is no page here',
    nowhereNext: 'The address may be from an older version. The navigation leads to what there is.',
  },
  problem: {
    title: 'That did not work',
    unreachable: 'The server does not answer. Is it running, and are you online? Nothing you typed is lost.',
    forbidden: 'Your role does not allow this. An owner can give you another one, in Settings.',
    told: (sentence: string) => sentence,
    request: (id: string) => `For whoever looks into it: request ${id}.`,
    again: 'Try again',
    loading: 'Loading…',
  },
  login: {
    title: 'Sign in',
    lead: 'Who gets what, and why: the console shows it, and lets you decide.',
    following: 'Your link signs you in…',
    user: 'User name or e-mail address',
    password: 'Password',
    show: 'Show or hide the password',
    signIn: 'Sign in',
    wrong: 'The user or the password is not right. Check both, or ask an owner for a new password.',
    linkUsed: 'This link was used already, or is older than 15 minutes. Ask for another.',
    slower: (seconds: number) => `Too many tries. Wait ${String(seconds)} s, then try again.`,
    firstTime: 'First time here, or no password?',
    firstPassword: 'The first start of the server printed the password of “owner”, once. Whoever runs the server gets another with',
    firstLink: 'or a link that signs in once, within 15 minutes, with',
    expired: 'Your session has ended',
    expiredLead: 'Sign in again: the page stays as you left it.',
  },
  moment: {
    title: (placement: string) => `Moment: ${placement}`,
    visitor: (end: string) => `Visitor …${end}`,
    nobody: 'Not recognised',
    pageOnly: 'chosen from the page alone',
    simulated: 'simulated',
    level: (level: number) => `level ${String(level)} of 4`,
    consent,
    page,
    onPage: (type: string) => (type ? `Page “${type}”` : 'Page not told'),
    chosen: 'Chosen',
    nothing: 'Nothing: the shop’s own content stays.',
    second: (title: string) => `Came second: ${title}`,
    because: (title: string) => `${title}, because`,
    becausePlain: 'Because',
    rest: (count: number) => `${String(count)} smaller reasons`,
    sum: 'Score',
    under: 'Under',
    removed: (count: number, reasons: string) => `${String(count)} ${many(count, 'candidate', 'candidates')} removed: ${reasons}`,
    noneRemoved: 'No candidate was removed',
    explored: 'Explored: the order was drawn at random, to learn',
    ranked: 'Ranked by score, not drawn',
    personal: 'Personal: what is known of the visitor changed it',
    shared: 'The same for everyone in this place',
    policy: (version: number) => `Published version ${String(version)}`,
    why: 'Why?',
    all: 'All that was shown, and what speaks for it',
    chance: (percent: string) => `had a ${percent} chance to be shown`,
    filtered: 'What the rules removed',
    story: 'In words',
    whatIf: 'What would have changed it',
    whyNot: 'Why not…',
    whyNotPick: 'An item that was not shown',
    whyNotNone: 'No such item',
    raw: 'The record',
  },
  today,
  tour,
  overview,
  proof,
  catalogue,
  item,
  people,
  ...settings,
}
