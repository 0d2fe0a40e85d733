/** Entries kept of one generation: the newest. */
export const timelineLimit = 200;
/** Starts kept of one service: the newest. */
export const durationsLimit = 50;
export const timelineKeptMs = 24 * 3600_000;
export const durationsKeptMs = 90 * timelineKeptMs;
