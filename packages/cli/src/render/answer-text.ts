/** What a service said, for people: its text when it has one, else its JSON. */
export function answerText(data: unknown): string {
  if (typeof data === 'string') return data;
  if (typeof data === 'object' && data !== null && 'text' in data && typeof data.text === 'string') return data.text;
  return JSON.stringify(data);
}
