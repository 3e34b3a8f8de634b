/** How many lines of a process's stderr are kept: the last ones tell why it failed. */
export const keptLines = 200
