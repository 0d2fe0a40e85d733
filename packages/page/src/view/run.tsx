import { durationWords } from '../state/amounts.ts';
import { type RunView, type Step, textOf } from '../state/run-view.ts';
import { CopyText } from './copy-text.tsx';
import { Markdown, MarkdownLine } from './markdown.tsx';
import { ResultView, TotalsView } from './result.tsx';

/** A run of an assistant: its steps while it works, then its report with what stands behind it. */
export function RunArticle({ run }: { run: RunView }) {
  const { steps, text, result, failure } = run;
  const ended = text !== undefined || result !== undefined || failure !== undefined;
  return (
    <>
      {ended ? (
        <details class="steps">
          <summary>{stepsWords(steps)}</summary>
          <Steps steps={steps} />
        </details>
      ) : (
        <Steps steps={steps} />
      )}
      {ended ? (
        <div data-report>
          {result === undefined ? null : <TotalsView result={result} />}
          {text === undefined ? null : <Markdown text={text} />}
          {result === undefined ? null : <ResultView result={result} />}
          {failure === undefined ? null : <RunFailure failure={failure} />}
        </div>
      ) : null}
    </>
  );
}

function stepsWords(steps: readonly Step[]): string {
  const calls = steps.filter(({ tool }) => tool !== undefined).length;
  return `${steps.length === 1 ? '1 step' : `${steps.length} steps`}${calls === 0 ? '' : `, ${calls} by tools`}`;
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="steps">
      {steps.map(({ key, who, text, state, tool, durationMs, percent }) => (
        <li key={key} class={`is-${state}`}>
          <span class="by">{who}</span>
          <span>
            <MarkdownLine text={text} />
            {tool === undefined ? null : <code>{tool}</code>}
            {percent === undefined ? null : <progress max={100} value={percent} aria-label={text} />}
            {durationMs === undefined ? null : <small>{durationWords(durationMs)}</small>}
          </span>
        </li>
      ))}
    </ol>
  );
}

function RunFailure({ failure }: { failure: NonNullable<RunView['failure']> }) {
  const [expected, found, advice] = ['expected', 'found', 'advice'].map((key) => textOf(failure[key]));
  const trace = textOf(failure['trace_id']);
  if (failure['code'] === 'cancelled')
    return (
      <p class="stopped">
        <strong>Stopped.</strong> {textOf(failure['message'])}
      </p>
    );
  return (
    <div class="complaint">
      <p>
        <strong>{textOf(failure['message']) ?? textOf(failure['text']) ?? 'The assistant could not answer.'}</strong>
      </p>
      {expected === undefined ? null : <p>Expected: {expected}</p>}
      {found === undefined ? null : <p>Found: {found}</p>}
      {advice === undefined ? null : <p>{advice}</p>}
      {trace === undefined ? null : (
        <p class="quiet">
          Trace id <CopyText text={trace} what="trace id" />
        </p>
      )}
    </div>
  );
}
