/** What a storage says of one of its files. */
export interface StoredObject {
  readonly key: string
  /** A stable reference: `file:///…`, `r2://bucket/key`. Never a signed URL. */
  readonly url: string
  /** Absent where the storage has no buckets. */
  readonly bucket?: string
  readonly sizeBytes: number
}

export interface StorageOptions {
  readonly signal?: AbortSignal | undefined
}

/** Where media lie between tasks. Handlers see local files only; how they travel is the storage's business. */
export interface Storage {
  /** Stores a local file under the key, whole or not at all; what was there is replaced. Safe to retry. */
  put(key: string, filePath: string, options: StorageOptions & { readonly contentType: string }): Promise<StoredObject>
  /**
   * Makes the file at `url` readable at `filePath`, as a copy or a link: never write to it.
   * Throws `media/not_found`, or `media/url_refused` where this storage may not read there.
   */
  fetchToFile(url: string, filePath: string, options?: StorageOptions): Promise<void>
  /** Whether the URL is one that this storage gave. */
  owns(url: string): boolean
  /** What lies under the key, if anything. */
  head(key: string, options?: StorageOptions): Promise<StoredObject | undefined>
  /** Removes what lies under the key. Nothing there is no error. */
  delete(key: string, options?: StorageOptions): Promise<void>
  /** Everything whose key begins with the prefix, in the order of their keys. */
  list(prefix: string, options?: StorageOptions): AsyncIterable<StoredObject>
  /** A URL with which anybody may read the file for so long, in seconds. Absent where the storage cannot give one. A secret. */
  sign?(url: string, options: { readonly expiresInSeconds: number }): Promise<string>
}
