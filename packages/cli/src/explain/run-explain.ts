import { calibrationOf, compareWith, partOf, sentenceOf } from '@reveille/orchestration';
import type { CliContext } from '../cli/context.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { type LedgerOptions, openLedger } from '../ledger/open-ledger.ts';
import { durationText } from '../render/duration.ts';
import { chromeTrace } from './chrome-trace.ts';
import { explainRun } from './explain-run.ts';
import { explanationLines } from './explanation-lines.ts';
import { earlierRuns, findRun, type RunChoice } from './find-runs.ts';
import type { ExplainFormat } from './formats.ts';
import { otlpTrace } from './otlp-trace.ts';
import { waterfallSvg } from './waterfall-svg.ts';

export type ExplainOptions = LedgerOptions & RunChoice & { readonly compare: number; readonly format: ExplainFormat };

/** Explains one initialization. Wakes and changes nothing. Resolves with the exit status. */
export async function runExplain(options: ExplainOptions, context: CliContext): Promise<number> {
  const { terminal } = context;
  await using broker = await openLedger(options, context);
  const { run, by } = await findRun(broker.timelines, options);
  const explanation = await explainRun(broker, run, by);
  const sentence = sentenceOf(explanation, durationText);
  switch (options.format) {
    case 'svg':
      terminal.out(`${waterfallSvg(explanation, sentence)}\n`);
      return exitCodes.done;
    case 'chrome-trace':
      terminal.out(`${JSON.stringify(chromeTrace(explanation))}\n`);
      return exitCodes.done;
    case 'otlp':
      terminal.out(`${JSON.stringify(otlpTrace(explanation))}\n`);
      return exitCodes.done;
    case 'tty':
    case 'json':
  }
  const earlier = await Promise.all(
    (await earlierRuns(broker.timelines, partOf(run, { entrypoint: explanation.entrypoint }), options.compare)).map(
      (one) => explainRun(broker, one, { by: 'entrypoint', value: explanation.entrypoint }),
    ),
  );
  const comparison = compareWith(explanation, earlier);
  const calibration = calibrationOf([explanation, ...earlier]);
  if (options.format === 'json')
    terminal.out(`${JSON.stringify({ sentence, ...explanation, comparison, calibration }, undefined, 2)}\n`);
  else {
    const columns = terminal.outIsTty ? terminal.columns : Number.POSITIVE_INFINITY;
    terminal.out(`${explanationLines(explanation, { sentence, comparison, calibration }, columns).join('\n')}\n`);
  }
  return exitCodes.done;
}
