/** Entries kept of one generation: the first, where a start begins, and the newest. */
export const timelineLimit = 200;
export const timelineHead = 50;
/** Starts kept of one service: the newest. */
export const durationsLimit = 50;
/** Sessions listed as waiting for one initialization; further ones are counted. */
export const waitsLimit = 100;
/** Initializations found by one entrypoint, user, session or trace, and of all: the newest. */
export const runsLimit = 200;
/** Fields kept of one initialization: something that comes and goes for ever in it gets no more room than others. */
export const runFieldsLimit = 2000;
export const timelineKeptMs = 24 * 3600_000;
export const durationsKeptMs = 90 * timelineKeptMs;
