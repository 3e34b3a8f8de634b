export const tasks = {
  media_audio_extract: {
    input: { /* shape of inputs */ },
    output: { /* shape of outputs */ },
    /* ... */
  },
  video_strip_audios: { /* ... */ },
} as const;

export type TaskRegistry = typeof tasks;
export type TaskName = keyof TaskRegistry;
