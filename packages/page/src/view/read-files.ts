import { bytesWords } from '../state/amounts.ts';
import { decodeText, type TextFile } from '../state/text-file.ts';

/** The files that can go with a message, and one sentence for each that cannot. */
export async function readTextFiles(
  files: Iterable<File>,
  messageBytes: number | undefined,
): Promise<{ read: TextFile[]; refused: string[] }> {
  const read: TextFile[] = [];
  const refused: string[] = [];
  for (const file of files) {
    if (messageBytes !== undefined && file.size > messageBytes) {
      refused.push(
        `${file.name} has ${bytesWords(file.size)}; at most ${bytesWords(messageBytes)} can be sent at once.`,
      );
      continue;
    }
    try {
      const text = decodeText(new Uint8Array(await file.arrayBuffer()));
      if (text === undefined) refused.push(`${file.name} is not a text file.`);
      else read.push({ name: file.name, type: file.type || 'text/plain', bytes: file.size, ...text });
    } catch {
      // The browser does not say more: a folder, or a file that went away.
      refused.push(`${file.name} could not be read.`);
    }
  }
  return { read, refused };
}
