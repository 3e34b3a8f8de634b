import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readPage } from './page-files.ts'

test('the script of the page is below 60 kB, compressed', () => {
  expect(gzipSync(readPage().script, { level: 9 }).length).toBeLessThan(60_000)
})

test('the page fetches nothing from elsewhere', () => {
  const { html, script, style } = readPage()
  // Names of XML namespaces are no addresses.
  expect([...`${html}${style}${script}`.matchAll(/https?:\/\/[\w./-]+/g)].map(([url]) => url).filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual([])
})
