import { DatabaseSync } from 'node:sqlite';

/**
 * Holds a data folder for this process alone. The lock is one that the kernel keeps (through SQLite, on a file of its own), so that it
 * ends with the process however that ends: no stale lock files, no guessing from process ids. Undefined when another process has it.
 *
 * @throws the error of the file system when the file cannot be made
 */
export function lockData(path: string): Disposable | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => file.close() };
}

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5;
