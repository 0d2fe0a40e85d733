import { useState } from 'preact/hooks';
import type { TextFile } from '../state/text-file.ts';
import { readTextFiles } from './read-files.ts';

/** The files that go with the next message. They are read when they are added, which takes a moment for large ones. */
export type Attachments = {
  files: readonly TextFile[];
  /** Names of those that are still being read. */
  reading: readonly string[];
  /** Why some of those that were added last cannot be sent, a sentence each. */
  refused: readonly string[];
  add: (given: Iterable<File>) => Promise<void>;
  remove: (name: string) => void;
  clear: () => void;
};

export function useAttachments(messageBytes: number | undefined): Attachments {
  const [files, setFiles] = useState<readonly TextFile[]>([]);
  const [reading, setReading] = useState<readonly string[]>([]);
  const [refused, setRefused] = useState<readonly string[]>([]);
  return {
    files,
    reading,
    refused,
    async add(given) {
      const added = [...given];
      const names = added.map(({ name }) => name);
      setReading((before) => [...before, ...names]);
      if (reading.length === 0) setRefused([]);
      const result = await readTextFiles(added, messageBytes);
      const read = new Set(result.read.map(({ name }) => name));
      setFiles((before) => [...before.filter(({ name }) => !read.has(name)), ...result.read]);
      setReading((before) => before.toSpliced(before.indexOf(names[0] ?? ''), names.length));
      setRefused((before) => [...before, ...result.refused]);
    },
    remove: (name) => setFiles(files.filter((file) => file.name !== name)),
    clear() {
      setFiles([]);
      setRefused([]);
    },
  };
}
