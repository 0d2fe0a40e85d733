import type { PageDescription } from '@reveille/contracts';

export type Sample = PageDescription['entrypoints'][number]['samples'][number];

/** Messages that one could send. One that is chosen is written into the field, and is the user's to change. */
export function Samples({ samples, onSample }: { samples: readonly Sample[]; onSample: (text: string) => void }) {
  if (samples.length === 0) return null;
  return (
    <ul class="samples" aria-label="What you could ask">
      {samples.map(({ title, text }) => (
        <li key={title}>
          <button type="button" onClick={() => onSample(text)}>
            {title}
          </button>
        </li>
      ))}
    </ul>
  );
}
