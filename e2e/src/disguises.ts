/** Ways to write a text so that it reads the same to a person, or nearly. Nothing of the product is used here. */
export const disguises: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'in upper case': (text) => text.toUpperCase(),
  'in lower case': (text) => text.toLowerCase(),
  'in mixed case': (text) => [...text].map((one, at) => (at % 2 ? one.toUpperCase() : one.toLowerCase())).join(''),
  'between white space': (text) => `\t \u00a0\u3000\r\n${text}\u2029\u2003 \n`,
  'with other white space within': (text) => text.replaceAll(' ', ' \u2009\u00a0 '),
  'in full-width letters': (text) => moved(text, { upper: 0xff21, lower: 0xff41 }),
  'in mathematical bold letters': (text) => moved(text, { upper: 0x1d400, lower: 0x1d41a }),
  'in circled letters': (text) => moved(text, { upper: 0x24b6, lower: 0x24d0 }),
  'with a long s and a kelvin sign': (text) => text.replace(/s/g, '\u017f').replace(/[kK]/g, '\u212a'),
  'split by zero-width spaces': (text) => [...text].join('\u200b'),
  'split by joiners and a byte order mark': (text) => `\ufeff${[...text].join('\u200d\u2060')}`,
  'split by soft hyphens': (text) => [...text].join('\u00ad'),
  'split by variation selectors and tags': (text) => [...text].join('\ufe0f\u{e0041}'),
  'split by direction marks': (text) => [...text].join('\u200e\u2068\u2069'),
  'split by control characters': (text) => [...text].join('\u0001'),
  'split by fillers': (text) => [...text].join('\u115f\u2800'),
};

function moved(text: string, { upper, lower }: { upper: number; lower: number }): string {
  const move = (one: string, from: string, to: number): string =>
    String.fromCodePoint((one.codePointAt(0) ?? 0) - (from.codePointAt(0) ?? 0) + to);
  return text.replace(/[A-Z]/g, (one) => move(one, 'A', upper)).replace(/[a-z]/g, (one) => move(one, 'a', lower));
}

/** A JSON text in which every character of every string is written by its number. */
export function escaped(value: unknown): string {
  const string = (text: string): string =>
    `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
  if (typeof value === 'string') return string(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(escaped).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${string(key)}:${escaped(inner)}`)
    .join(',')}}`;
}
