import { startVendorServer, type VendorServer, type VendorServerOptions } from './vendor-server.ts'

/** A text that the model is asked for, as `createTranslateSegmentsHandler` asks. */
export interface AskedTranslation {
  readonly id: number
  readonly text: string
  readonly maxCharacters: number
  /** What it said before, which was longer than that. */
  readonly tooLong?: string
}

export interface TranslatorServerOptions extends VendorServerOptions {
  /** Says what a text is in the other language; nothing leaves it out. */
  readonly translate: (asked: AskedTranslation) => string | undefined
  /** Any other key is answered with 401. */
  readonly apiKey: string
  /** Why the model stopped. Default `stop`. */
  readonly finishReason?: string | undefined
}

/** A model on this machine: `POST /v1/chat/completions` as OpenAI's API reference has it. `baseUrl` is its `url` and `/v1`. */
export function startTranslatorServer({ translate, apiKey, finishReason = 'stop', ...options }: TranslatorServerOptions): Promise<VendorServer> {
  return startVendorServer(({ path, headers, json }) => {
    if (path !== '/v1/chat/completions' || headers['authorization'] !== `Bearer ${apiKey}`) return answer(401, { error: { code: 'invalid_api_key', message: 'Incorrect API key' } })
    const { segments } = JSON.parse((json as { messages: readonly { content: string }[] }).messages[1]!.content) as { segments: AskedTranslation[] }
    const translations = segments.flatMap((asked) => {
      const text = translate(asked)
      return text === undefined ? [] : [{ id: asked.id, text }]
    })
    return answer(200, { choices: [{ index: 0, finish_reason: finishReason, message: { role: 'assistant', content: JSON.stringify({ translations }) } }], usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 } })
  }, options)
}

function answer(status: number, body: object) {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
}
