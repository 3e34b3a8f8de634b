import { z } from 'zod'

/** Where a medium lies: `file://…`, `https://…` or `r2://bucket/key`. A stable reference, never a signed URL. */
export const mediaUrl = z.string().min(1).max(4_096)

/** A file that a task has put into storage. */
export const storedFile = z.object({
  url: mediaUrl,
  bucket: z.string().optional(),
  key: z.string(),
  /** Container or encoding by its usual name: `wav`, `mp3`, `m4a`, `mp4`, `mkv`, `srt`, `jpeg`. */
  format: z.string(),
  contentType: z.string(),
  sizeBytes: z.int().min(0),
  durationSeconds: z.number().min(0).optional(),
})
export type StoredFile = z.output<typeof storedFile>

/** Options that every media task takes. */
export const commonOptions = {
  /**
   * Name of the stored file, below the run's own folder; a task that stores several numbers them.
   * Default: a name after the task. Letters, digits, `_`, `-` and `.`.
   */
  storageName: z.string().regex(/^(?![.-])[\w.-]{1,100}$/, 'expected 1-100 letters, digits, _ - . and neither - nor . first').optional(),
  /** Wall time this call may take, in milliseconds, 1 s to 24 h. Default: what the contract says. */
  timeoutMs: z.int().min(1_000).max(86_400_000).optional(),
}
