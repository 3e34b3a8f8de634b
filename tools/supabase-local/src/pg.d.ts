/** The little of `pg` that is used here. */
declare module 'pg' {
  interface Connection {
    /** A directory: the socket in it. */
    readonly host: string
    readonly user: string
    readonly database: string
    readonly max?: number
  }
  class Pool {
    constructor(connection: Connection)
    query<Row>(text: string, values?: readonly unknown[]): Promise<{ readonly rows: Row[] }>
    on(event: 'error', listener: (error: Error) => void): this
    end(): Promise<void>
  }
  const pg: { readonly Pool: typeof Pool }
  export default pg
}
