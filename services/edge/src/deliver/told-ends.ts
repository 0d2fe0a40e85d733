/** More than can be under way for one plan, whatever its services do. */
const remembered = 64;

/** Initializations whose end was told: that is told once. */
export class ToldEnds {
  /** The oldest first. */
  readonly #ids = new Set<string>();

  add(id: string): void {
    this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= remembered) break;
      this.#ids.delete(oldest);
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}
