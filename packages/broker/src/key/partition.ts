/** FNV-1a, 32 bits: stable over processes, versions and languages. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function partitionOf(name: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % partitions;
}
