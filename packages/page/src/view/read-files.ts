import { bytesWords } from '../state/amounts.ts';
import { isText, type TextFile } from '../state/outgoing.ts';

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
      const content = await file.text();
      if (isText(content)) read.push({ name: file.name, type: file.type || 'text/plain', bytes: file.size, content });
      else refused.push(`${file.name} is not a text file.`);
    } catch {
      // The browser does not say more: a folder, or a file that went away.
      refused.push(`${file.name} could not be read.`);
    }
  }
  return { read, refused };
}
