import { keyWords, numberWords } from '../state/amounts.ts';
import { type Finding } from '../state/result-view.ts';
import { Markdown, MarkdownLine } from './markdown.tsx';

/** One statement with the numbers, the rows and the tool call that it stands on. */
export function FindingView({ finding }: { finding: Finding }) {
  const { title, text, numbers, rows, rowsTotal, certainty, method, source } = finding;
  const hasProof = numbers.length > 0 || rows.length > 0 || method !== undefined || source !== undefined;
  return (
    <div class="finding">
      <h4>
        <MarkdownLine text={title} />
        {certainty === undefined ? null : <span class="certainty">{certainty}</span>}
      </h4>
      {text === undefined ? null : <Markdown text={text} />}
      {hasProof ? (
        <details>
          <summary>What it stands on</summary>
          {numbers.length === 0 ? null : (
            <dl class="numbers">
              {numbers.map(([name, value]) => (
                <div key={name}>
                  <dt>{keyWords(name)}</dt>
                  <dd>{numberWords(value)}</dd>
                </div>
              ))}
            </dl>
          )}
          {rows.length === 0 ? null : (
            <p>
              {rowsTotal > rows.length
                ? `Rows ${rows.join(', ')} and ${numberWords(rowsTotal - rows.length)} more`
                : `Rows ${rows.join(', ')}`}
            </p>
          )}
          {method === undefined ? null : <p>Method: {method}</p>}
          {source === undefined ? null : (
            <p>
              Source: <code>{source}</code>
            </p>
          )}
        </details>
      ) : null}
    </div>
  );
}
