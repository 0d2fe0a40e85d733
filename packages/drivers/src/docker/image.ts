import { DriverError, type DriverContext } from '@reveille/orchestration';
import { LineSplitter } from '../log/line-splitter.ts';
import { type Engine, EngineRefusal } from './engine.ts';

/** Longest line of the progress of a pull, bytes. */
const PROGRESS_LINE_BYTES = 64 * 1024;

type PullLine = { status?: string; id?: string; error?: string };

/** Sees to it that the Engine has the image, as the policy says. @throws DriverError `image_pull_failed` with the Engine's reason. */
export async function provideImage(
  engine: Engine,
  { image, pull }: { image: string; pull: 'always' | 'missing' | 'never' },
  { signal, progress }: Pick<DriverContext, 'signal' | 'progress'>,
): Promise<void> {
  if (pull !== 'always') {
    if (await hasImage(engine, image, signal)) return;
    if (pull === 'never')
      throw new DriverError(
        'image_pull_failed',
        `the image ${image} is not there, and "pull: never" forbids pulling it`,
      );
  }
  progress({ phase: 'pulling', detail: `pulling ${image}` });
  const refuse = (why: string, cause?: unknown): DriverError =>
    new DriverError('image_pull_failed', `the image ${image} could not be pulled: ${why}`, { cause });
  try {
    const query = { fromImage: image, ...(hasTag(image) ? {} : { tag: 'latest' }) };
    const answer = await engine.stream({ method: 'POST', path: '/images/create', query, signal });
    let failed: string | undefined;
    const layers = new Map<string, boolean>();
    const lines = new LineSplitter(PROGRESS_LINE_BYTES, ({ text }) => {
      const line = parse(text);
      failed ??= line.error;
      if (line.id === undefined || line.status === undefined) return;
      const before = layers.get(line.id);
      const done = line.status === 'Pull complete' || line.status === 'Already exists';
      layers.set(line.id, done);
      if (before === done) return;
      const complete = [...layers.values()].filter(Boolean).length;
      progress({ phase: 'pulling', detail: `pulling ${image}: ${complete} of ${layers.size} layers` });
    });
    for await (const chunk of answer as AsyncIterable<Buffer>) lines.push(chunk);
    lines.flush();
    if (failed !== undefined) throw refuse(failed);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EngineRefusal) throw refuse(error.message, error);
    if (error instanceof DriverError) throw error;
    throw refuse(`the Engine ended the connection (${(error as Error).message})`, error);
  }
  // A stream that was cut short says nothing, so the image itself is looked for.
  if (!(await hasImage(engine, image, signal))) throw refuse('the Engine ended the pull and does not have it');
}

async function hasImage(engine: Engine, image: string, signal: AbortSignal): Promise<boolean> {
  try {
    await engine.call({ path: `/images/${encodeURIComponent(image)}/json`, signal });
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return false;
    throw error;
  }
}

/** Without a tag the Engine would pull every one that there is. */
function hasTag(image: string): boolean {
  return image.includes('@') || /:[^/]+$/.test(image);
}

function parse(text: string): PullLine {
  try {
    return JSON.parse(text) as PullLine;
  } catch {
    return {};
  }
}
