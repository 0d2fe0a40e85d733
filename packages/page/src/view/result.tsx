import type { Json } from '@reveille/client';
import { keyWords, numberWords } from '../state/amounts.ts';
import { type Chart, chartsOf, findingsOf, missingOf } from '../state/result-view.ts';
import { isFields, textOf } from '../state/run-view.ts';
import { CopyText } from './copy-text.tsx';
import { FindingView } from './finding.tsx';

type Fields = { readonly [key: string]: Json };

const sections = [
  ['insights', 'Insights'],
  ['optimization_opportunities', 'Opportunities'],
  ['recommendations', 'Recommendations'],
  ['action_items', 'Action items'],
] as const;

/** The figures that anybody can check against the file. */
export function TotalsView({ result }: { result: Fields }) {
  const analysis = isFields(result['analysis_results']) ? result['analysis_results'] : {};
  const totals = isFields(analysis['totals']) ? Object.entries(analysis['totals']) : [];
  if (totals.length === 0) return null;
  return (
    <dl class="totals" aria-label="Totals">
      {totals.map(([name, value]) => (
        <div key={name}>
          <dt>{keyWords(name)}</dt>
          <dd>{typeof value === 'number' ? numberWords(value) : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A chart as an image: no script in it runs, it loads nothing, and its markup is never part of the page. */
function ChartView({ chart: { title, description, svg, adaptive, source } }: { chart: Chart }) {
  return (
    <figure class={adaptive ? 'adaptive' : undefined}>
      {title === undefined ? null : <figcaption>{title}</figcaption>}
      <div class="scroller" tabIndex={0} role="group" aria-label={title ?? 'Chart'}>
        <img
          src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
          alt={[title ?? 'Chart of this answer', ...(description === undefined ? [] : [description])].join('. ')}
        />
      </div>
      {source === undefined ? null : (
        <p class="source">
          Source: <code>{source}</code>
        </p>
      )}
    </figure>
  );
}

/** The result behind a report: charts, findings, and what would be needed to say more. */
export function ResultView({ result }: { result: Fields }) {
  const analysis = isFields(result['analysis_results']) ? result['analysis_results'] : {};
  const missing = missingOf(analysis['missing']);
  const [engine, model, trace] = ['engine', 'language_model', 'trace_id'].map((key) => textOf(result[key]));
  return (
    <>
      {chartsOf(result).map((chart, index) => (
        <ChartView key={index} chart={chart} />
      ))}
      {sections.map(([key, title]) => {
        const findings = findingsOf(result[key]);
        return findings.length === 0 ? null : (
          <details key={key} class="findings">
            <summary>
              {title} <span>{findings.length}</span>
            </summary>
            {findings.map((finding, index) => (
              <FindingView key={index} finding={finding} />
            ))}
          </details>
        );
      })}
      {missing.length === 0 ? null : (
        <details class="findings">
          <summary>
            What is missing <span>{missing.length}</span>
          </summary>
          <ul>
            {missing.map(({ what, why }, index) => (
              <li key={index}>
                <strong>{what}</strong>
                {why === '' ? '' : `: ${why}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      {engine === undefined && trace === undefined ? null : (
        <footer class="engine">
          {engine === undefined ? null : <span>Engine: {engine}</span>}
          {engine === undefined ? null : (
            <span>{model === undefined ? 'No language model took part' : `Model: ${model}`}</span>
          )}
          {trace === undefined ? null : (
            <span>
              Trace id <CopyText text={trace} what="trace id" />
            </span>
          )}
        </footer>
      )}
    </>
  );
}
