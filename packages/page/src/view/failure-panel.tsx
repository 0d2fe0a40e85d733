import { durationWords, secondsLeft } from '../state/amounts.ts';
import { causeWords, failureTitle, phaseWords } from '../state/failure-words.ts';
import type { Link } from '../state/page-state.ts';
import type { Outcome, Start } from '../state/start.ts';
import { CopyText } from './copy-text.tsx';
import { PlanGraph } from './plan-graph.tsx';
import { useNow } from './use-now.ts';

/** What failed and why, what was tried, and when it can be tried again. */
export function FailurePanel(props: {
  start: Start;
  outcome: Extract<Outcome, { is: 'failed' }>;
  link: Link;
  onRetry: () => void;
  onConnect: () => void;
}) {
  const { start, outcome, link, onRetry, onConnect } = props;
  const { failure, message, retryable, retryAt, elapsedMs } = outcome;
  const over = link.at === 'over';
  const now = useNow(retryable);
  const cancelled = failure.code === 'cancelled';
  const left = retryable ? secondsLeft(retryAt, now) : 0;
  return (
    <section class="panel failure" aria-labelledby="failure-title">
      <h2 id="failure-title">{failureTitle(failure)}</h2>
      {cancelled ? null : (
        <>
          <p class="cause">{causeWords(message)}</p>
          <dl class="trace">
            <Fact name="Trace id">
              <CopyText text={start.traceId} what="trace id" />
            </Fact>
          </dl>
        </>
      )}
      <p class="actions">
        {over || !retryable ? (
          <button type="button" class="primary" onClick={onConnect} disabled={left > 0}>
            {cancelled ? 'Start again' : 'Connect again'}
          </button>
        ) : (
          <button type="button" class="primary" onClick={onRetry} disabled={left > 0 || link.at !== 'open'}>
            Try again
          </button>
        )}
        <span class="quiet">
          {left > 0
            ? `possible in ${left} s`
            : retryable
              ? ''
              : 'Trying again will not help until somebody has mended it.'}
        </span>
      </p>
      {cancelled ? null : (
        <dl>
          <Fact name="Service">{failure.name}</Fact>
          <Fact name="Failed while">{phaseWords(failure.phase)}</Fact>
          {failure.attempts > 0 ? <Fact name="Attempts">{`${failure.attempt} of ${failure.attempts}`}</Fact> : null}
          {failure.exitCode === undefined ? null : <Fact name="Exit code">{failure.exitCode}</Fact>}
          {failure.signal === undefined ? null : <Fact name="Ended by">{failure.signal}</Fact>}
          <Fact name="After">{durationWords(elapsedMs)}</Fact>
          <Fact name="Error code">
            <code>{failure.code}</code>
          </Fact>
        </dl>
      )}
      {failure.logTail === undefined || failure.logTail.length === 0 ? null : (
        <details class="log" open>
          <summary>Last lines of its log</summary>
          <pre tabIndex={0}>{failure.logTail.join('\n')}</pre>
        </details>
      )}
      {start.services.length === 0 || cancelled ? null : <PlanGraph services={start.services} now={now} />}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
