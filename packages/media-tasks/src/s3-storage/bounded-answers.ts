import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'

/** An error says what it has to in some hundred bytes. */
const mostErrorBytes = 64 * 1_024
/** A page of a thousand keys of 1,024 signs, each written as `&amp;`, has five million. */
const mostAnswerBytes = 16 * 1_024 ** 2
/** Putting 10,000 parts together takes minutes, during which blanks are sent. */
const longestAnswerMs = 600_000

/**
 * Makes every answer that the client reads come to an end: one with an error after 64 KiB or `stallTimeoutMs`, as if it had been
 * complete, for its status says enough; any other with an error of its own. The content of a file is left as it is: who reads it counts.
 */
export function boundAnswers(client: S3Client, stallTimeoutMs: number): void {
  client.middlewareStack.add(
    (next, { commandName }) => async (given) => {
      const result = await next(given)
      const response = result.response as { readonly statusCode: number; body?: unknown }
      if (!(response.body instanceof Readable)) return result
      if (response.statusCode >= 300) response.body = Readable.from(beginningOf(response.body, mostErrorBytes, stallTimeoutMs))
      else if (commandName !== 'GetObjectCommand') response.body = Readable.from(wholeOf(response.body, mostAnswerBytes, longestAnswerMs))
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  )
}

async function* beginningOf(body: Readable, mostBytes: number, longestMs: number): AsyncGenerator<Buffer> {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    body.destroy()
  }, longestMs)
  let left = mostBytes
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      yield chunk.subarray(0, left)
      left -= chunk.length
      if (left <= 0) return
    }
  } catch (error) {
    if (!isLate) throw error
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
}

async function* wholeOf(body: Readable, mostBytes: number, longestMs: number): AsyncGenerator<Buffer> {
  const timer = setTimeout(() => body.destroy(new Error(`An answer had not ended after ${longestMs / 1_000} s`)), longestMs)
  let received = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      received += chunk.length
      if (received > mostBytes) throw new Error(`An answer has more than ${mostBytes} bytes`)
      yield chunk
    }
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
}
