import type { Finding, Source } from '../../../runs/run-result.ts';
import type { ToolAnswer } from '../../../tools/tool-results.ts';
import { groupingsOf, type Grouping } from '../../groupings.ts';
import { count, decimal, percent, rowsWords } from '../../../wording/figures.ts';

/** Where the tokens go. */
export function fromBreakdown({ tool, call, value }: ToolAnswer<'cost_breakdown'>): Finding[] {
  const { totals, mix, topRequests } = value;
  const source = { tool, call };
  const top = topRequests.at(-1);
  const heavier = mix.inputShareOfTokens >= 0.5 ? 'input' : 'output';
  const share = heavier === 'input' ? mix.inputShareOfTokens : mix.outputShareOfTokens;
  const found: Finding[] = [
    {
      id: 'input-output-mix',
      title: `Most tokens are ${heavier}`,
      text:
        `${percent(share)} of all tokens are ${heavier}` +
        (mix.inputPerOutputToken === undefined
          ? '.'
          : `: ${decimal(mix.inputPerOutputToken)} input ${decimal(mix.inputPerOutputToken) === '1' ? 'token' : 'tokens'} for each output token.`),
      numbers: {
        inputShareOfTokens: mix.inputShareOfTokens,
        outputShareOfTokens: mix.outputShareOfTokens,
        ...(mix.inputPerOutputToken === undefined ? {} : { inputPerOutputToken: mix.inputPerOutputToken }),
      },
      rows: top?.rows ?? [],
      rowsTotal: totals.requests,
      source,
    },
  ];
  if (top !== undefined && totals.requests > 1) {
    const part = top.by === 'cost' && top.shareOfCost !== undefined ? top.shareOfCost : top.shareOfTokens;
    found.push({
      id: 'largest-requests',
      title: 'The largest requests',
      text: `The largest ${top.requests === 1 ? 'request holds' : `${count(top.requests)} requests hold`} ${percent(part)} of all ${top.by} (${rowsWords(top.rows, top.requests, 3)}).`,
      numbers: { requests: top.requests, [top.by === 'cost' ? 'shareOfCost' : 'shareOfTokens']: part },
      rows: top.rows,
      rowsTotal: top.requests,
      source,
    });
  }
  return [...found, ...groupingsOf(value).flatMap((grouping) => heaviestGroup(grouping, source))];
}

function heaviestGroup({ id, noun, name, groups }: Grouping, source: Source): Finding[] {
  const heaviest = groups.toSorted((a, b) => b.shareOfTokens - a.shareOfTokens)[0];
  if (heaviest === undefined || groups.length < 2) return [];
  const { shareOfTokens, shareOfRequests, requests } = heaviest;
  return [
    {
      id: `heaviest-${id}`,
      title: `The heaviest ${noun}`,
      text: `Requests with ${name(heaviest.key)} take ${percent(shareOfTokens)} of the tokens in ${percent(shareOfRequests)} of the requests.`,
      numbers: { shareOfTokens, shareOfRequests, requests },
      rows: [],
      rowsTotal: requests,
      source,
    },
  ];
}
