import { useEffect, useState } from 'preact/hooks';
import { durationWords } from '../state/amounts.ts';
import { progressOf, type Start } from '../state/start.ts';
import { remainingWords, waitingTitles } from '../state/waiting-words.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { PlanGraph } from './plan-graph.tsx';
import { useNow } from './use-now.ts';

/** The plan filling with life: what is starting, how far it is, how long it may take. */
export function WaitingPanel({ start, onCancel }: { start: Start; onCancel: () => void }) {
  const now = useNow(true);
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      setAsking(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const { ready, total, percent } = progressOf(start);
  const words = `${ready} of ${total} ready`;
  return (
    <section class="panel waiting" aria-labelledby="waiting-title">
      <div class="over">
        <h2 id="waiting-title">{waitingTitles[start.reason]}</h2>
        <button type="button" class="plain" onClick={() => setAsking(true)}>
          Stop waiting
        </button>
      </div>
      <p class="facts">
        <strong>{words}</strong>
        <span>
          <time>{durationWords(now - start.beganAt)}</time> so far
        </span>
        <span>{remainingWords(start, now)}</span>
      </p>
      <div
        class="bar"
        role="progressbar"
        aria-label="Services that are ready"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={words}
      >
        <i style={{ width: `${percent}%` }} />
      </div>
      {start.slow === undefined ? null : (
        <p class="slow">
          {start.slow.message}
          {start.slow.p95Ms === undefined
            ? null
            : ` 95 of 100 earlier starts took less than ${durationWords(start.slow.p95Ms)}.`}{' '}
          It is given up after {durationWords(start.deadlineMs)}.
        </p>
      )}
      <PlanGraph services={start.services} now={now} />
      <CancelDialog open={asking} onKeep={() => setAsking(false)} onStop={onCancel} />
    </section>
  );
}
