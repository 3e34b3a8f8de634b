import { isIP } from 'node:net'
import { TerminalError } from '@track-orchestrator/registry'

/** A web URL that has been read and may be asked, as far as its text tells. */
export interface WebAddress {
  readonly url: URL
  readonly secure: boolean
  /** Without brackets and without a dot at the end: what is looked up, and what the certificate must name. */
  readonly host: string
  readonly port: number
}

/** Whether the text means something on the web, rightly or wrongly. */
export function isWebUrl(text: string): boolean {
  return /^\s*https?:/i.test(text)
}

/** The medium as messages name it: by its host only, since what follows may be a signature, and what precedes a password. */
export function webName(text: string): string {
  const host = URL.canParse(text) ? new URL(text).hostname : ''
  return host === '' ? 'A web address' : `A file from ${host}`
}

/** What URL parsers make disappear, or take for something else. */
const unwritten = /[\p{Cc}\\]/u

/** Reads the URL, against the one that redirected to it. Throws `media/url_refused`. */
export function readWebAddress(text: string, { allowHttp, from }: { readonly allowHttp: boolean; readonly from?: WebAddress }): WebAddress {
  const refuse = (why: string) => refused(from ? `${webName(from.url.href)} leads to an address that` : `${webName(text)} is refused: its address`, why)
  if (unwritten.test(text)) throw refuse('holds a control character or a backslash')
  if (!from && !/^https?:\/\/[^/]/i.test(text)) throw refuse('is not of the form https://host/…')
  if (!URL.canParse(text, from?.url.href)) throw refuse('cannot be read')
  const url = new URL(text, from?.url.href)
  const secure = url.protocol === 'https:'
  if (!secure && url.protocol !== 'http:') throw refuse(`begins with ${url.protocol} instead of https:`)
  if (!secure && from?.secure) throw refuse('is http:, after https: before')
  if (!secure && !allowHttp) throw refuse('begins with http: instead of https:')
  if (url.username !== '' || url.password !== '') throw refuse('holds a user name or a password')
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '' || (isIP(host) === 0 && !/^[\w-]+(?:\.[\w-]+)*$/.test(host))) throw refuse('names no host')
  return { url, secure, host, port: url.port === '' ? (secure ? 443 : 80) : Number(url.port) }
}

function refused(what: string, why: string): TerminalError {
  return new TerminalError(`${what} ${why}`, { code: 'media/url_refused' })
}
