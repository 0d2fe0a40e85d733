/** How an impostor lies in the handshake. `says` does not: it lies in what it says. `swapped` is honest until it is ordered to swap. */
export type ImpostorMode =
  'says' | 'no proof' | 'foreign key' | 'foreign session' | 'earlier generation' | 'replayed' | 'kept key' | 'swapped';

/** What a test has an impostor do, as the data of a message. */
export type Order = { steps: Step[] };
type Step =
  /** In earnest: it writes down the hash of `data` (JSON). */
  | { do: 'say'; frame: string; data: string; binary?: never }
  | { do: 'lie'; frame: string; binary?: boolean }
  | { do: 'swap' };

export function say(n: number, data: unknown): Step {
  const text = JSON.stringify(data);
  return { do: 'say', frame: `{"type":"emit","n":${n},"data":${text}}`, data: text };
}

/** @param data as JSON, so that it may be written in unusual ways */
export function lie(n: number, data: string): Step {
  return { do: 'lie', frame: `{"type":"emit","n":${n},"re":"order","final":true,"data":${data}}` };
}
