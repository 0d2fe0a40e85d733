import type { PageDescription } from '@reveille/contracts';
import { Markdown } from './markdown.tsx';
import { Samples } from './samples.tsx';

/** What one can do here, before anything was said: what it is for, and messages to begin with. */
export function Invitation(props: {
  entrypoint: PageDescription['entrypoints'][number];
  ready: boolean;
  onSample: (text: string) => void;
}) {
  const { entrypoint, ready, onSample } = props;
  const { about, samples } = entrypoint;
  if (!ready && about === undefined && samples.length === 0) return null;
  return (
    <section class="inviting" aria-label="To begin with">
      {about === undefined ? null : <Markdown text={about} />}
      <Samples samples={samples} onSample={onSample} />
      {ready ? <p>Everything is ready. Write a message below.</p> : null}
    </section>
  );
}
