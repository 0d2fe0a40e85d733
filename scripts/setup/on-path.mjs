import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where PATH finds a program; undefined when it does not. */
export function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((dir) => join(dir, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
