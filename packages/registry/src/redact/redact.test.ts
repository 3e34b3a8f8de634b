import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from './redact.ts'

const secret = 'hQ7w2/x+Zt9#kP'
const word = 'hunter2tiger'
const wrongKey = 'hV7q2LkPz9WmXc4TbN8sRd3Y'

/** Texts, and what of each must not be there afterwards. */
const shapes: readonly [text: string, gone: string][] = [
  ...['AWS_SECRET_ACCESS_KEY', 'DEEPGRAM_API_KEY', 'XI_API_KEY', 'DB_PASSWORD', 'PGPASSWORD', 'SUPABASE_SERVICE_ROLE_KEY', 'TRIGGER_SECRET_KEY', 'GITHUB_TOKEN', 'SECRET_KEY_BASE', 'SMTP_PASS', 'JWT_SECRET', 'ENCRYPTION_KEY'].flatMap((name): [string, string][] => [
    [`${name}=${secret}`, secret],
    [`export ${name}="${secret} and more"`, secret],
    [`env: ${name}='${secret}' npm start`, secret],
  ]),
  ...['secretAccessKey', 'password', 'apiKey', 'privateKey', 'accessToken', 'client_secret', 'refresh-token', 'x-api-key', 'passphrase', 'apikey', 'userPassword', 'sharedAccessKey'].flatMap((name): [string, string][] => [
    [`{"${name}":"${secret}"}`, secret],
    [`{ "a": 1, "${name}" : "with \\"quotes\\" ${secret}", "b": 2 }`, secret],
    [`{\\"${name}\\":\\"${secret}\\",\\"b\\":1}`, secret],
    [`{ ${name}: '${secret}' }`, secret],
    [`a: 1\n${name}: ${word}\nb: 2`, word],
    [`<${name}>${secret}</${name}>`, secret],
  ]),
  ['password: correct horse battery staple', 'horse battery'],
  ['  - token: tigers', 'tigers'],
  ['{"credentials":{"user":"joe","pin":"1234567"}}', '1234567'],
  ['{"apiKeys":["first-one","second-one"]}', 'second-one'],
  ['"password":\n    "next-line"', 'next-line'],
  [`'password' => '${secret}'`, secret],
  [`password := "${secret}"`, secret],
  [`env['API_KEY'] = '${secret}'`, secret],
  [`//registry.npmjs.org/:_authToken=${word}`, word],
  // signatures of clouds
  ['https://b.r2.cloudflarestorage.com/k.mp4?X-Amz-Algorithm=AWS4&X-Amz-Credential=AKIAX%2F2026&X-Amz-Signature=deadbeef99', 'deadbeef99'],
  ['https://storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4&X-Goog-Signature=ab12cd34ef', 'ab12cd34ef'],
  ['https://storage.googleapis.com/b/o?GoogleAccessId=a&Expires=1&Signature=ab12cd34ef', 'ab12cd34ef'],
  ['https://acc.blob.core.windows.net/c/b?sv=2024&se=2026&sp=r&sig=Zm9vYmFy%2Bx', 'Zm9vYmFy'],
  ['https://cdn.example.com/v.mp4?Policy=eyJ&Signature=ab~12-cd&Key-Pair-Id=K2', 'ab~12-cd'],
  ['https://host/cb#access_token=ya29abcdef&state=1', 'ya29abcdef'],
  ['https://host/a?page=2&api_key=abcdef', 'abcdef'],
  ['X-Goog-Signature=0123456789abcdef0123', '0123456789abcdef'],
  ['Authorization: AWS4-HMAC-SHA256 Credential=AKIA/2026/us/s3/aws4_request, SignedHeaders=host, Signature=0f1e2d3c4b', '0f1e2d3c4b'],
  ['signed: Signature=0f1e2d3c4b5a69788796, done', '0f1e2d3c4b5a6978'],
  ['SharedAccessSignature sr=x&sig=Ab3%2Fcdefgh&se=1', 'Ab3%2Fcdefgh'],
  ['DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v/YmFy+w==;EndpointSuffix=core.windows.net', 'Zm9v/YmFy'],
  ['Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=aB3/x=', 'aB3/x='],
  // connection strings
  ...['pass', 'pa/ss', 'pa#ss', 'pa?ss', 'pa@ss', 'p/a#s?s@w:o', '#starts', '12/ab', 'ends/'].flatMap((password): [string, string][] => [
    [`postgres://joe:${password}xyz@db.example.com:5432/app?sslmode=require`, `${password}xyz`],
    [`cannot reach "redis://:${password}xyz@localhost:6379/0", giving up`, `${password}xyz`],
  ]),
  ['https://joe:pa@ss/w0rd@host.example.com/x', 'w0rd'],
  ['https://joe:pa/ss@host.example.com/x', 'ss@host'],
  ['mongodb+srv://u:p%40ss@c.mongodb.net/?retryWrites=true', 'p%40ss'],
  ['ftp://joe:pass1@host/file', 'pass1'],
  ['https://ghtoken12@github.com/a/b.git', 'ghtoken12'],
  ['Server=tcp:x;User ID=u;Password=my pass;phrase=1;Encrypt=true', 'my pass'],
  // what vendors say of a wrong key
  [`Incorrect API key provided: ${wrongKey}. You can find yours`, wrongKey],
  [`API key "${wrongKey}" is not valid`, wrongKey],
  [`The access key id you provided (${wrongKey}) does not exist`, wrongKey],
  [`invalid x-api-key (${wrongKey})`, wrongKey],
  [`{"detail":"the session token \\"${wrongKey}\\" has expired"}`, wrongKey],
  [`unknown access key or secret ${wrongKey}`, wrongKey],
  ['login failed for password "hunter2"', 'hunter2'],
  ['{"otp":"998877"}', '998877'],
  [`{"accessTokens":["first-one","${word}"]}`, word],
  // headers and cookies
  ['Authorization: Bearer abc.def-123', 'abc.def-123'],
  ['authorization: Token 0123456789abcdef', '0123456789abcdef'],
  ['Proxy-Authorization: Basic am9lOnBhc3M=', 'am9lOnBhc3M='],
  ['Authorization: Digest username="joe", response="6629fae49393a05397450978507c4ef1"', '6629fae4'],
  ['sent bearer abcdef123456', 'abcdef123456'],
  ['"xi-api-key":"0123456789"', '0123456789'],
  ['Cookie: theme=dark; session=s3cr3t; csrf=t0ken', 'csrf=t0ken'],
  ['Set-Cookie: sid=abc; Path=/; HttpOnly', 'sid=abc'],
  ['{"cookie":"a=b; session=s3cr3t"}', 's3cr3t'],
  ['{"set-cookie":["a=first1","b=second2"]}', 'second2'],
  // the word that says how a token authorizes, before tokens of any alphabet and length, wherever it stands
  ...['bearer', 'Bearer', 'ApiKey', 'Api-Key', 'DPoP', 'GenieKey'].flatMap((scheme) => ['abcdefghijklmnop', 'ABCDEFGHIJKLMNOP', 'tigers', 'abc', '12345678', '1|abc+/=', 'абвгд', '%41~b'].map((token): [string, string] => [`the call with ${scheme} ${token}, failed`, token])),
  ...['Basic', 'Token', 'JWT', 'OAuth', 'Key', 'Digest', 'Negotiate'].map((scheme): [string, string] => [`${scheme} abcdefghijklmnop`, 'abcdefghijklmnop']),
  ['Basic YTpi', 'YTpi'],
  ['Bearer%20tigers', 'tigers'],
  ['Bearer token abcdefghijklmnop', 'abcdefghijklmnop'],
  ['Key 0123-4567-89ab:fedcba', 'fedcba'],
  ['Digest username="joe", response="tigers"', 'tigers'],
  ['OAuth oauth_token="lions", oauth_signature="tigers"', 'tigers'],
  ...['Bearer', 'Basic', 'Token', 'Key', 'ApiKey', 'Splunk', 'X'].flatMap((scheme): [string, string][] => [
    [`sent Authorization: ${scheme} tigers, got 401`, 'tigers'],
    [`{"Authorization":"${scheme} tigers"}`, 'tigers'],
    [`{\\"proxy-authorization\\":\\"${scheme} tigers\\"}`, 'tigers'],
    [`["authorization","${scheme} tigers"]`, 'tigers'],
    [`{ "name": "Authorization", "value": "${scheme} tigers" }`, 'tigers'],
    [`curl -H 'Authorization: ${scheme} tigers' https://host`, 'tigers'],
  ]),
  ['say \'Token tigers\'', 'tigers'],
  ['Authorization: MAC id="h1", mac="tigers"', 'tigers'],
  ['Authorization: lions,tigers;bears', 'tigers'],
  ['["x-api-key","tigers"]', 'tigers'],
  ['{"name":"xi-api-key","value":"tigers"}', 'tigers'],
  ['sent X-Api-Key: tigers to the host', 'tigers'],
  ['curl -H "xi-api-key: tigers" https://host', 'tigers'],
  ['curl --header apikey:tigers https://host', 'tigers'],
  ['curl -H authorization:\\ Bearer\\ tigers https://host', 'tigers'],
  ['curl --oauth2-bearer tigers https://host', 'tigers'],
  ['curl -s -ujoe:tigers https://host', 'tigers'],
  ['curl -u "joe:two tigers" https://host', 'tigers'],
  ["curl -b 'theme=dark; sid=tigers' https://host", 'tigers'],
  ['{"url":"https:\\/\\/joe:tigers@host\\/x"}', 'tigers'],
  ['https://host/?next=https%3A%2F%2Fjoe%3Atigers%40other%2Fx&a=1', 'tigers'],
  ['https://host/?next=https://joe:tigers@other/x', 'tigers'],
  ['https://host/?token=https://tigers', 'tigers'],
  ['//joe:tigers@host/x', 'tigers'],
  ['invalid token: abcdefghijklmnop', 'abcdefghijklmnop'],
  // command lines
  ['run --password hunter2 --verbose', 'hunter2'],
  ['run --api-key=hunter2', 'hunter2'],
  ['run --token "two words" x', 'two words'],
  ['curl -u joe:hunter2 https://host', 'hunter2'],
  // keys that say what they are
  ...['sk_live_0123456789', 'sk-proj-0123456789abcdef', 'sk-ant-api03-abcdefgh12345', 'AKIAIOSFODNN7EXAMPLE', 'ghp_abcdefghijklmnop', 'github_pat_11ABCDEFG0', 'glpat-abcdefghij1234567890', 'xoxb-1234567890-abcdef', 'AIzaSyA1234567890abcdefghijklmnopqrstuv', 'npm_abcdefghijklmnopqrstuvwxyz0123456789', 'hf_abcdefghijklmnopqrstuvwxyzABCDEF', 'whsec_abcdefgh12', 'tr_dev_abcdefgh', 'tr_prod_abcdefgh', 'sb_secret_abcdefgh', 'sbp_0123456789abcdef', 'SG.abcdefghijklmnopqrst.abcdefghijklmnopqrst', 'eyJhbGciOiJI.eyJzdWIiOiIx.sflKxwRJSM', 'dop_v1_0123456789abcdef', 'ya29.a0AfH6SMBx12'].map((key): [string, string] => [`the key ${key} leaked`, key]),
  ['https://hooks.slack.com/services/T000/B000/XXXXXXXX', 'XXXXXXXX'],
  ['https://discord.com/api/webhooks/123/abcDEF', 'abcDEF'],
  ['https://api.telegram.org/bot123:ABC/getMe', '123:ABC'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY----- after', 'IBAAKC'],
  ['{"k":"-----BEGIN PRIVATE KEY-----\\nMIIEow\\nIBAAKC\\n', 'IBAAKC'],
]

test('there are more than 150 shapes of secrets', () => {
  expect(shapes.length).toBeGreaterThan(150)
})

test.each(shapes)('%s: blotted out', (text, gone) => {
  expect(redact(text)).not.toContain(gone)
  expect(redact(text)).toContain('[redacted]')
  expect(redact(redact(text))).toBe(redact(text))
  expect(redact(`before\n${text}\nafter`)).not.toContain(gone)
})

const innocent = [
  'https://host/a?page=2',
  'https://host:8080/path@v2?email=joe@example.com',
  'https://cdn.jsdelivr.net/npm/@scope/package@1.2.3/index.js',
  'git@github.com:owner/repository.git',
  'r2://bucket/tenants/acme/projects/p/runs/0192/merge_audio_video-1f0c9a2e.mp4',
  'file:///home/joe/my%20video.mp4',
  '/usr/local/lib/node_modules/@track-orchestrator/registry/dist/redact/redact.js:12:5',
  'C:\\Users\\joe\\video.mp4',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '0192f0c1-7e2b-7c3a-9d4e-5f6a7b8c9d0e',
  'Bearer of news',
  'Bearer token is required',
  'bearer authentication failed, and the bearer was refused',
  'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
  'API key not valid. Please pass a valid API key.',
  '{"message":"Token expired"}',
  'JWT malformed, token responsibilities',
  'Unexpected token } in JSON at position 5',
  'basic H.264/AAC, a basic internationalization',
  'Digest sha256:9f86d081884c7d65',
  'Key tenants/acme/projects/p/a-12.mp4 is not there',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)',
  '{"required":["password","token","x-api-key","client-secret"]}',
  'https://host/?next=https://other/x?page=2',
  'https:\\/\\/host\\/a?page=2',
  'the token "hello" is unknown, and "else1" expected',
  'secret "db-credentials" not found in namespace "ns-1"',
  'password authentication failed for user "postgres1"',
  'no token was given: 0192f0c1-7e2b-7c3a-9d4e-5f6a7b8c9d0e',
  'the token is 0192f0c1-7e2b-7c3a-9d4e-5f6a7b8c9d0e',
  '{"output_tokens":120000,"inputTokens":[128000,1]}',
  'a basic understanding of tokens',
  'a key to the door',
  'the secret of success is patience',
  'task_failed',
  'media/no_audio',
  'key: tenants/acme/projects/p/a.mp4',
  'storageKey=tenants/acme/a.mp4',
  'The input of login does not fit its contract: password: Invalid input: expected string, received undefined',
  'token: Too small: expected string to have >=8 characters',
  'password: required',
  'maxTokens=5, tokens: 1200, tokenCount: 3',
  'const token = await getToken()',
  'apiKey: process.env.API_KEY',
  'hasPassword: true',
  '-pass 1 -passlogfile x',
  'pass=2 fps=25',
  'auth: none',
  'public key: AAAAB3NzaC1yc2E',
  'PWD=/home/joe',
  '12:30:45.123 step 2:convert_json_to_srt[3] failed after 12 ms',
  'frame=  100 fps= 25 q=28.0 size=    512kB time=00:00:04.00 bitrate=1048.6kbits/s',
  'TypeError: Cannot read properties of undefined (reading \'token\')',
  'Unrecognized key: "password"',
  '<video>hello</video>',
  'sk-learn and sketch_up',
  'say "hello": world',
]

test.each(innocent)('%s: left alone', (text) => {
  expect(redact(text)).toBe(text)
})

describe('redact', () => {
  test('never throws, and blotting what is blotted changes nothing', () => {
    const piece = fc.constantFrom('password', 'token', 'Cookie', 'Authorization', ':', '=', ' ', '"', '\\', "'", ';', '\n', '{', '[', ']', '}', '://', '@', '/', '?', '&', 'sig', 'a1', 'B', 'eyJ', '-', '--', '.', '<', '>', 'bearer', 'Basic', 'key', 'x-api-key', ',', '%3A%2F%2F', '\\/', 'curl -u', 'sk-', '[redacted]', '-----BEGIN PRIVATE KEY-----')
    const text = fc.oneof(fc.string(), fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')))
    fc.assert(fc.property(text, (given) => {
      const once = redact(given)
      expect(redact(once)).toBe(once)
    }), { numRuns: 2_000 })
  })

  test('keeps text in which nothing tells of a secret', () => {
    const words = fc.constantFrom('video', 'the', 'a', '12', '3.5', 'step', 'failed', '(', ')', ',', '.', 'media/no_audio', '-', 'ms', 'n=1', 'x: 2', '"quoted"', '/tmp/a.mp4', 'https://host/a?b=c')
    fc.assert(fc.property(fc.array(words), (text) => {
      expect(redact(text.join(' '))).toBe(text.join(' '))
    }))
  })

  test('takes what is no text', () => {
    expect(redact(5)).toBe('5')
    expect(redact(null)).toBe('null')
    expect(redact({ toString: () => 'Authorization: Bearer abcdefgh1' })).toBe('Authorization: [redacted]')
    expect(redact(Object.create(null))).toBe('[unreadable]')
  })

  // Four times the text may take four times as long; where the square were taken, sixteen times.
  test.each(['a.', 'a-', 'eyJ-', 'sk-', 'sk_', 'eyJaaaaaaaa.', 'a:', 'a=', 'token:', 'token=', 'sig=', 'sig:"', 'password="', 'password=\\"', 'authorization:a,', 'cookie:', 'cookie: a', '"token":{', '"token":[', 'a://', 'a://b@', 'a://b:c@d?e=', '-----BEGIN PRIVATE KEY-----', '--token ', ' -a', '<token>', '<a', 'bearer ', 'basic  ', 'bearer a', 'Digest a=', 'curl -', 'curl -u', 'a=b://', '?a://b:c@', ':\\/\\/', 'a:\\/\\/', '%3A%2F%2F', '//a:', '["x-api-key",', '"name","value":', '"', '\\', '{', '[', '@', '://', ' ', '\n', 'AKIA', 'SG.', 'SG.aaaaaaaaaaaaaaaa', ';password=', 'pass: ', 'api key ', 'token (', 'secret was you ', "'password' => "])('grows with the text and not with its square: %j', (unit) => {
    const long = 160_000
    const timeOf = (length: number) => {
      const text = unit.repeat(Math.ceil(length / unit.length))
      let best = Number.POSITIVE_INFINITY
      for (let time = 0; time < 3; time++) {
        const before = process.cpuUsage()
        redact(text)
        const { user, system } = process.cpuUsage(before)
        best = Math.min(best, user + system)
      }
      return best
    }
    timeOf(1_000)
    // Below half a second of computing the comparison is left to chance; the square of this length takes many seconds.
    expect(timeOf(long)).toBeLessThan(Math.max(500_000, 10 * timeOf(long / 4)))
  })
})
