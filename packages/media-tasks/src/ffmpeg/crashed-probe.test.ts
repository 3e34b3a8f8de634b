import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultLimits } from '../media-limits.ts'
import { makeClip } from '../testing/make-clip.ts'
import { findFfmpeg } from './find-ffmpeg.ts'
import { probeMedia } from './probe-media.ts'

test.runIf(process.platform !== 'win32')('an ffprobe that crashes on a file is told to have done so, with what helps; of the file nothing is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crashed-probe-'))
  try {
    const ffmpeg = await findFfmpeg({ env: process.env })
    const { path } = await makeClip(ffmpeg, join(folder, 'clip.webm'), { durationSeconds: 1 })
    const ffprobePath = join(folder, 'crashing')
    await writeFile(ffprobePath, '#!/bin/sh\nkill -SEGV $$\n', { mode: 0o755 })
    await expect(probeMedia({ ...ffmpeg, ffprobePath }, path, { limits: defaultLimits })).rejects.toMatchObject({ code: 'media/ffmpeg_failed', retryable: false, message: expect.stringMatching(/crashed with SIGSEGV.*Another version may: install ffmpeg/) as string })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
