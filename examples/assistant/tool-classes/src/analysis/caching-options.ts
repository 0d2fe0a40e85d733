export interface CachingOptions {
  /** How long a cached answer or prefix lives. */
  windowMs: number;
  /** Shorter prefixes are not cached. */
  minPrefixTokens: number;
}
