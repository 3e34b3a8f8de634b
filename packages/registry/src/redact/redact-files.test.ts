import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redact } from './redact.ts'

/** What lies in files and forms that people paste, and what of it must not be there afterwards. */
const shapes: readonly [text: string, gone: string][] = [
  ['{"auths":{"ghcr.io":{"auth":"am9lOnRpZ2Vycw==","identitytoken":"tigers"}}}', 'tigers'],
  ['{"registrytoken": "tigers"}', 'tigers'],
  ['users:\n- user:\n    client-key-data: dGlnZXJz', 'dGlnZXJz'],
  ['API_KEY_BASE64=tigers', 'tigers'],
  ['{"tokenValue":"tigers"}', 'tigers'],
  ['api key = "two tigers"', 'two tigers'],
  ["Secret Key: 'tigers'", 'tigers'],
  ['token = """\ntwo\ntigers\n"""\n', 'tigers'],
  ["password = '''tigers'''", 'tigers'],
  ['machine api.example.com login joe password tigers', 'tigers'],
  ['machine api.example.com\n  login joe\n  password tigers', 'tigers'],
  ['mysql -ptigers -u root app', 'tigers'],
  ['mysqldump --host db -u root -ptigers app', 'tigers'],
  ['body=user%3Djoe%26password%3Dtigers%26x%3D1', 'tigers'],
  ['sent client_secret%3Dtigers', 'tigers'],
  ['Content-Disposition: form-data; name="password"\r\n\r\ntigers\r\n--b', 'tigers'],
  ['Content-Disposition: form-data; name="api_key"\nContent-Type: text/plain\n\ntigers\n--b', 'tigers'],
  ['<add key="Password" value="tigers" />', 'tigers'],
  ["<property name='db.password' value='two tigers'/>", 'two tigers'],
  ['<input type="password" name="password" value="tigers">', 'tigers'],
  ['PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 2\nAAAAtigers\nlions\nPrivate-MAC: 12', 'lions'],
  ['renewed with 1//0gtigersTIGERStigersTIGERS', 'tigers'],
]

test.each(shapes)('%j: blotted out', (text, gone) => {
  expect(redact(text)).not.toContain(gone)
  expect(redact(text)).toContain('[redacted]')
  expect(redact(redact(text))).toBe(redact(text))
  expect(redact(`before\n${text}\nafter`)).not.toContain(gone)
})

const innocent = [
  'sort key = name',
  'the key = value form',
  'foreign keys: user_id',
  'data: 12 rows, value = 5',
  '<input name="language" value="en">',
  '<add key="Timeout" value="30" />',
  'Content-Disposition: form-data; name="title"\r\n\r\nTigers\r\n--b',
  'page%3D2%26size%3D10',
  'please login, then choose a password of your own',
  'mysql -u root app',
  'doc = """\nlines of text\n"""',
]

test.each(innocent)('%j: left alone', (text) => {
  expect(redact(text)).toBe(text)
})

test('blotting what is blotted changes nothing', () => {
  const piece = fc.constantFrom('password', 'api key', 'key', 'name="token"', 'name="password" value="', 'value', '%3D', '%26', '=', ':', ' ', '"""', "'''", '"', "'", '\n', '\r\n\r\n', 'login a password ', 'mysql -p', 'Private-Lines: 1\n', 'Private-MAC:', '[redacted]', 'a1', '-', 'data')
  fc.assert(fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
    const once = redact(pieces.join(''))
    expect(redact(once)).toBe(once)
  }), { numRuns: 2_000 })
})

test.each(['token="""', "token='''x", 'login a password ', 'mysql ', 'mysql -p', 'password%3D', 'a%3D', '%3D', 'name="token"\n', 'name="token"\na: b\n', 'key="token" value=', 'Private-Lines: 1\n', 'api key ', 'key = ', 'tokenvalue'])('grows with the text and not with its square: %j', (unit) => {
  const timeOf = (length: number) => {
    const text = unit.repeat(Math.ceil(length / unit.length))
    const before = process.cpuUsage()
    redact(text)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  timeOf(1_000)
  expect(timeOf(160_000)).toBeLessThan(Math.max(500_000, 10 * timeOf(40_000)))
})
