import { createHmac } from 'node:crypto'

/** What a token says. Times in seconds since 1970. */
export interface TokenClaims {
  readonly role: string
  readonly sub?: string
  readonly app_metadata?: Readonly<Record<string, unknown>>
  readonly user_metadata?: Readonly<Record<string, unknown>>
  readonly iat?: number
  /** Default: in an hour. */
  readonly exp?: number
}

const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A JSON Web Token signed with HS256 (RFC 7515, RFC 7519), as Supabase's own keys are. */
export function signToken(claims: TokenClaims, secret: string): string {
  const iat = Math.floor(Date.now() / 1000)
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'supabase', iat, exp: iat + 3600, ...claims })}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
