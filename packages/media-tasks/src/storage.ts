/** What a storage says of one of its files. */
export interface StoredObject {
  readonly key: string
  /** A stable reference: `file:///…`, `r2://bucket/key`. Never a signed URL. */
  readonly url: string
  /** Absent where the storage has no buckets. */
  readonly bucket?: string
  readonly sizeBytes: number
  /** As it was put. Absent where the storage does not keep it, and in lists. */
  readonly contentType?: string
  /** SHA-256 of the content, in hex. Absent where the storage does not keep it, and in lists. */
  readonly sha256?: string
}

export interface StorageOptions {
  readonly signal?: AbortSignal | undefined
  /** Another bucket than the storage's own. Throws `media/url_refused` where the storage was not told of it, or has no buckets. */
  readonly bucket?: string | undefined
}

export interface PutOptions extends StorageOptions {
  readonly contentType: string
  /** Leaves it be where the same content already lies under the key: what a repeated attempt puts is not sent twice. Default false. */
  readonly skipIfSame?: boolean | undefined
  /** Told as bytes arrive there. Storages in which that takes no time worth telling need not. */
  readonly onProgress?: OnBytes | undefined
  /**
   * The storage may take the file itself instead of a copy: it is the caller's own, lies under no other name, and is not used again.
   * Default false.
   */
  readonly give?: boolean | undefined
}

/** `total`: bytes of the whole, where that is known. */
export type OnBytes = (done: number, total: number | undefined) => void

export interface FetchOptions extends Pick<StorageOptions, 'signal'> {
  /** Most bytes to fetch: a larger file is refused as soon as its size is known. Default: any. */
  readonly maxBytes?: number | undefined
  /** Told as bytes arrive here. */
  readonly onProgress?: OnBytes | undefined
}

export interface SignOptions {
  /** For how long the URL opens, 1 s to 7 days (R2, S3). */
  readonly expiresInSeconds: number
  /** What it allows: to read what is there (default), or to put something there. */
  readonly method?: 'GET' | 'PUT' | undefined
  /** With `PUT`: what must be sent, in a header of that name. */
  readonly contentType?: string | undefined
}

/** Where media lie between tasks. Handlers see local files only; how they travel is the storage's business. */
export interface Storage {
  /** Stores a local file under the key, whole or not at all; what was there is replaced. Safe to retry. */
  put(key: string, filePath: string, options: PutOptions): Promise<StoredObject>
  /**
   * Stores a local file only where nothing lies under the key yet; else gives what lies there, and `created: false`. For keys that
   * name their content: of several that put at once, one creates. Safe to retry.
   */
  putIfAbsent(key: string, filePath: string, options: StorageOptions & { readonly contentType: string }): Promise<StoredObject & { readonly created: boolean }>
  /**
   * Makes the file at `url` readable at `filePath`, as a copy or a link: never write to it. Whole, or nothing is there.
   * Throws `media/not_found`, `media/url_refused` where this storage may not read there, or `media/too_large`.
   */
  fetchToFile(url: string, filePath: string, options?: FetchOptions): Promise<void>
  /** Whether the URL is one that this storage gave. */
  owns(url: string): boolean
  /** The key behind a URL of its own, in whichever bucket. Undefined for any other URL. */
  keyOf(url: string): string | undefined
  /** The URL that a file under the key has or will have. */
  urlOf(key: string, options?: Pick<StorageOptions, 'bucket'>): string
  /** What lies under the key, if anything. */
  head(key: string, options?: StorageOptions): Promise<StoredObject | undefined>
  /** Removes what lies under the key. Nothing there is no error. */
  delete(key: string, options?: StorageOptions): Promise<void>
  /** Everything whose key begins with the prefix, in the order of their keys. */
  list(prefix: string, options?: StorageOptions): AsyncIterable<StoredObject>
  /**
   * A URL with which anybody can read (or put) the file for a while, without credentials: a secret, for one service to be called,
   * never to be stored or logged. Absent where the storage cannot. Throws `media/url_refused` for URLs that are not its own.
   */
  sign?(url: string, options: SignOptions): Promise<string>
  /** Where everybody can read the file, for good. Absent, or undefined, where nobody can. */
  publicUrl?(url: string): string | undefined
}
