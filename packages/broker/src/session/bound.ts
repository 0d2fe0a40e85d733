/** What all kept sessions of a namespace may hold together, in bytes, unless somebody says otherwise. */
export const defaultSessionsBytes = 1_073_741_824;

/** What counts beside the frames themselves, in bytes: a session with its names and keys, and an id that is remembered. */
export const sizes = { session: 1024, id: 64 } as const;

/** Sessions are spread evenly over the partitions, each of which counts for itself: scripts stay in one slot. */
export function shareOf(bytes: number, partitions: number): number {
  return Math.floor(bytes / partitions);
}
