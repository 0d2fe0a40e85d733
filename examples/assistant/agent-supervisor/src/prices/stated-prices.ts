import { z } from 'zod';
import { prices, type Prices, type RunRequest } from '../runs/run-request.ts';
import type { Missing } from '../runs/run-result.ts';
import type { ThreadClient } from '../threads/thread-client.ts';
import { figure } from '../wording/figures.ts';
import { plain, quote } from '../wording/quote.ts';
import { pricesInText } from './prices-in-text.ts';

/** The user's prices that an answer counts with, and the message that stated them. */
export interface StatedPrices {
  prices: Prices;
  /** Beginning of the text of an earlier message; absent when this message states them. */
  earlier?: string;
  /** Read in the text of the message, instead of given beside it. */
  read?: boolean;
}

/** Characters of an earlier message by which it is named. */
const MOST_NAMED = 60;

/** As it is kept with a message of the conversation. */
export const keptPrices = z.object({ prices, from: z.string(), read: z.boolean().optional() });
type KeptPrices = z.infer<typeof keptPrices>;

/** What this message states itself. */
export function pricesOf({ message }: RunRequest): StatedPrices | undefined {
  if (message.prices !== undefined) return { prices: message.prices };
  const read = pricesInText(message.text);
  return typeof read === 'object' ? { prices: read, read: true } : undefined;
}

export function keep(stated: StatedPrices, { message }: RunRequest): KeptPrices {
  const { prices: kept, earlier, read } = stated;
  return { prices: kept, from: earlier ?? message.text.slice(0, MOST_NAMED), ...(read === undefined ? {} : { read }) };
}

/** The prices stated last in the conversation. Each answer keeps those that it counted with, so the latest messages are enough to look at. */
export async function earlierPrices(threads: ThreadClient): Promise<StatedPrices | undefined> {
  for (const { data } of (await threads.latestMessages()).toReversed()) {
    const parsed = z.object({ prices: keptPrices }).safeParse(data);
    if (!parsed.success) continue;
    const { prices: kept, from, read } = parsed.data.prices;
    return { prices: kept, earlier: from, ...(read === undefined ? {} : { read }) };
  }
  return undefined;
}

/** Which prices were used, and where they come from. */
export function pricesWords(stated: StatedPrices): string {
  const { inputPerMillion, outputPerMillion, currency, models = [] } = stated.prices;
  const unit = currency === undefined ? '' : ` ${plain(currency)}`;
  const others = models.length === 0 ? '' : `, and your prices by model where it is one of them`;
  return (
    `Prices used: ${figure(inputPerMillion)}${unit} per million input tokens and ${figure(outputPerMillion)}${unit} per million output tokens` +
    `${others}, ${stated.read === true ? 'as read in the text of' : 'from'} ${messageOf(stated)}.`
  );
}

/** Why prices that the user stated are not used. */
export function unusedWords(stated: StatedPrices): string {
  return `The file has a cost column, so the prices in ${messageOf(stated)} were not used.`;
}

function messageOf({ earlier }: StatedPrices): string {
  if (earlier === undefined) return 'your message';
  return earlier.trim() === '' ? 'an earlier message of yours' : `your message ${quote(earlier)}`;
}

/** What is said when a text seems to state prices in a way that could be read in several. */
export const UNREAD_PRICES: Missing = {
  what: 'prices in a form that is read',
  why:
    'the text of the message seems to state some, which were not used: an amount with its currency per million (or thousand) input tokens and one per ' +
    'million (or thousand) output tokens can be read, and so can prices beside the text (`inputPerMillion`, `outputPerMillion`)',
};
