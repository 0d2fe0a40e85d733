import { bytesWords } from './amounts.ts';

/** A text file that goes with a message. */
export interface TextFile {
  readonly name: string;
  readonly type: string;
  /** Of the file itself; as JSON it has somewhat more. */
  readonly bytes: number;
  readonly content: string;
  /** How it was read, where that had to be guessed. */
  readonly readAs?: 'Windows-1252';
}

/** What is left of it to show once it was sent. */
export type SentFile = Omit<TextFile, 'type' | 'content'>;

/** What is to be known of a file beside its name. */
export function fileWords({ bytes, readAs }: Omit<SentFile, 'name'>): string {
  return `${bytesWords(bytes)}${readAs === undefined ? '' : `, read as ${readAs}`}`;
}

/**
 * The text of a file: UTF-8, else Windows-1252, in which older spreadsheets of the West save and which also reads Latin-1. Any bytes are some text in
 * that, so it is a guess that has to be told. Undefined where a NUL says that it is no text.
 */
export function decodeText(bytes: Uint8Array): Pick<TextFile, 'content' | 'readAs'> | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return { content: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { content: new TextDecoder('windows-1252').decode(bytes), readAs: 'Windows-1252' };
  }
}
