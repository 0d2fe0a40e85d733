const encoder = new TextEncoder();

/** FNV-1a, 32 bits, of the bytes of UTF-8: stable over processes, versions and languages. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function partitionOf(name: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    // Nearly all names are ASCII, where each unit is its own byte.
    if (unit > 0x7f) return overBytes(name) % partitions;
    hash = Math.imul(hash ^ unit, 0x01000193) >>> 0;
  }
  return hash % partitions;
}

function overBytes(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
