export interface RightSizingOptions {
  /** Input and output tokens together, up to which a request counts as small. */
  smallTokens: number;
  /** Context sizes to compare with, ascending. */
  contextTokens: number[];
}
