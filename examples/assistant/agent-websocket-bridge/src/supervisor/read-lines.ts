/** Longest line taken, in characters: far above the largest result of a run. */
const MAX_LINE = 16 * 1024 * 1024;

/** The lines of a stream of UTF-8. What follows the last line end is no line: the stream broke within it. */
export async function* readLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) throw new RangeError(`a line is longer than ${MAX_LINE} characters`);
    yield* lines;
  }
}
