import type { Json } from '@reveille/client';
import type { ComponentChildren } from 'preact';
import type { Answer } from '../state/conversation.ts';
import { isFields, runViewOf, textOf } from '../state/run-view.ts';
import { Markdown } from './markdown.tsx';
import { RunArticle } from './run.tsx';

/** What a service says: a run of an assistant, text, or whatever JSON it sends. */
export function AnswerView({ answer, name, stop }: { answer: Answer; name: string; stop: ComponentChildren }) {
  const run = runViewOf(answer);
  return (
    <article class="answer" aria-label={name} aria-busy={run !== undefined && !answer.final && !answer.interrupted}>
      <h3>{name}</h3>
      {run === undefined ? (
        answer.data.map((data, index) => <Said key={index} data={data} />)
      ) : (
        <RunArticle run={run} />
      )}
      {stop}
      {answer.interrupted ? <p class="cut">The answer ends here: the service was lost.</p> : null}
    </article>
  );
}

function Said({ data }: { data: Json }) {
  const only =
    isFields(data) && Object.keys(data).every((key) => key === 'text' || key === 'type')
      ? textOf(data['text'])
      : undefined;
  const text = textOf(data) ?? only;
  return text === undefined ? (
    <pre class="json" tabIndex={0}>
      {JSON.stringify(data, undefined, 2)}
    </pre>
  ) : (
    <Markdown text={text} />
  );
}
