import type { SessionWrite, SessionWriteResult } from '@reveille/orchestration';

/** The numbers of the last message of a session, ours and the service's. */
export type Numbers = { readonly seq: number; readonly stored: number };

/** `before`: the numbers of the session before it. */
export type Waiting = {
  readonly write: SessionWrite;
  readonly before: Numbers;
  readonly resolve: (result: SessionWriteResult | undefined) => void;
};

/** Bounds of one write to the store. */
const writesAtOnce = 128;
const charactersAtOnce = 1_048_576;

/** Takes off, from the beginning, what goes to the store together: at least one, if there is any. */
export function takeBatch(waiting: Waiting[]): Waiting[] {
  let characters = 0;
  const fits = ({ write }: Waiting, at: number): boolean => {
    characters += write.kind === 'keep' ? write.message.frame.length : write.id.length;
    return at === 0 || (at < writesAtOnce && characters <= charactersAtOnce);
  };
  const end = waiting.findIndex((one, at) => !fits(one, at));
  return waiting.splice(0, end === -1 ? waiting.length : end);
}
