export const explainFormats = ['tty', 'json', 'svg', 'chrome-trace', 'otlp'] as const;
export type ExplainFormat = (typeof explainFormats)[number];
