import type { VideoFacts } from '@track-orchestrator/registry/media'
import type { HdrTreatment } from './picture-filters.ts'
import type { StoredPicture } from './upright.ts'

/** What is done to a picture so that it is seen as it was meant, for a person; what everybody expects of a player is not told. */
export function pictureNotes(picture: StoredPicture, treatment: HdrTreatment): string[] {
  return [
    ...(picture.interlaced === undefined ? [] : [`The video is interlaced (${picture.interlaced} rows first): every frame was made whole.`]),
    ...(picture.mirrored === true ? ['The file says that its picture is mirrored: it was turned over.'] : []),
    ...(picture.pixelAspect === undefined ? [] : [`The video has pixels of ${picture.pixelAspect.replace('/', ':')}: they were made square.`]),
    ...(treatment === 'toned' ? [`The video has a high dynamic range (${picture.hdr!.toUpperCase()}): it was brought into the usual one.`] : []),
    ...(treatment === 'kept' ? [`The video has a high dynamic range (${picture.hdr!.toUpperCase()}), which this ffmpeg, built without zimg, cannot change: it was kept, in 10 bit.`] : []),
  ]
}

/** What is done to the time of a video, for a person. */
export function timeNotes({ leadSeconds, holdSeconds }: Pick<VideoFacts, 'leadSeconds' | 'holdSeconds'>): string[] {
  return [
    ...(leadSeconds === undefined ? [] : [`The sound begins ${leadSeconds.toFixed(1)} s before the first picture, which is shown from the beginning on.`]),
    ...(holdSeconds === undefined ? [] : [`The sound goes on for ${holdSeconds.toFixed(1)} s after the last picture, which is held so long.`]),
  ]
}

/** Said once, however many parts have changed. */
export const sizeChangesNote = 'The video changes its size on the way: all of it was fitted into the first one, with bars.'

export function joinedNotes(...lists: readonly (readonly string[] | undefined)[]): { notes?: string[] } {
  const notes = [...new Set(lists.flatMap((list) => list ?? []))]
  return notes.length > 0 ? { notes } : {}
}
