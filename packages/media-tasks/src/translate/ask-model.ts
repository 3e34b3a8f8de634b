import { ProviderError, TerminalError, type Cost, type TracksError } from '@track-orchestrator/registry'
import { amountTold, callProvider, failed, type ProviderCall } from '../speech/call-provider.ts'
import { vendorFetch } from '../speech/vendor-fetch.ts'

const provider = 'The translator'

/** Where a model answers, by OpenAI's chat completions (platform.openai.com/docs/api-reference/chat/create). */
export interface ModelAddress {
  readonly apiKey: string
  /** Up to and with the version: `https://api.openai.com/v1`. */
  readonly baseUrl: string
  readonly model: string
  readonly timeoutMs: number
}

/** Asks once, and gives the JSON that the model answered. `pay` is told the tokens that the service counted, also of an answer that is no good. Throws `ProviderError`: retryable where asking again can help. */
export async function askModel({ apiKey, baseUrl, model, timeoutMs }: ModelAddress, messages: readonly { role: 'system' | 'user'; content: string }[], signal: AbortSignal, pay: (cost: Cost) => void): Promise<unknown> {
  const call: ProviderCall = { provider, apiKey, timeoutMs, signal, explain, refusal }
  return callProvider(call, async (abortSignal) => {
    const body = JSON.stringify({ model, messages, response_format: { type: 'json_object' } })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }
    const response = await vendorFetch(`${baseUrl}/chat/completions`, { method: 'POST', headers, body, signal: abortSignal })
    const answer = parseJson(await response.text())
    if (!response.ok) throw Object.assign(new Error('refused'), { statusCode: response.status, body: answer, rawResponse: response })
    payFor((answer as { usage?: unknown } | undefined)?.usage, pay)
    const [choice] = (answer as { choices?: readonly { finish_reason?: unknown; message?: { content?: unknown; refusal?: unknown } }[] } | undefined)?.choices ?? []
    const content = choice?.message?.content
    if (choice?.finish_reason === 'content_filter' || typeof choice?.message?.refusal === 'string') throw new TerminalError(`${provider} will not translate this: its filter stands against it`, { code: 'task_failed' })
    if (choice?.finish_reason === 'length') throw failed(call, 'broke off: its answer became too long for the model', response.status)
    const given = typeof content === 'string' ? parseJson(content.replace(/^\s*```(?:json)?|```\s*$/g, '')) : undefined
    if (given === undefined) throw failed(call, 'answered with something that is no JSON', response.status)
    return given
  })
}

/** `usage` of an answer: `prompt_tokens`, `completion_tokens`. Some servers leave it out. */
function payFor(usage: unknown, pay: (cost: Cost) => void): void {
  const { prompt_tokens: input, completion_tokens: output } = (usage ?? {}) as Record<string, unknown>
  for (const [told, unit] of [[input, 'input_tokens'], [output, 'output_tokens']] as const) {
    const amount = amountTold(told)
    if (amount) pay({ amount, unit })
  }
}

/** Money that is used up comes as a 429, and does not come back by waiting (platform.openai.com/docs/guides/error-codes). */
function refusal(status: number, explanation: string): TracksError | undefined {
  if (status !== 429 || !explanation.startsWith('insufficient_quota')) return undefined
  return new ProviderError(`${provider} answered ${status}: ${explanation}`, { provider, status, retryable: false })
}

/** `{ error: { message, type, code } }`; some servers give a text for `error`. */
function explain(body: unknown): string | undefined {
  const error = (body as { error?: unknown } | undefined)?.error
  if (typeof error === 'string') return error
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const said = [code, message].filter((part) => typeof part === 'string' && part !== '')
  return said.length > 0 ? said.join(': ') : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
