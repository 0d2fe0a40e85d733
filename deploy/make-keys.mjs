/**
 * Makes the secrets of a deployment once: random ones, each into the folder of those who need it. What is there is left as it is.
 *
 * Usage: node make-keys.mjs EDGE_FOLDER INITIALIZER_FOLDER, as root, so that each file can be given to its readers.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [edge, initializer] = process.argv.slice(2);
const random = () => randomBytes(32).toString('base64url');
/** The user of the images. */
const user = 1000;

// Edges of one deployment sign with the same key, and know tokens by the same secret.
provide(join(edge, 'edge.env'), { REVEILLE_EDGE_SIGNING_KEY: random(), REVEILLE_JWT_SECRET: random() }, 0o400);
// Read by root or by the user of the image, whichever may use the socket of the Engine; nobody else mounts the folder.
provide(join(initializer, 'initializer.env'), { REVEILLE_ROOT_SECRET: random() }, 0o444);

function provide(path, settings, mode) {
  if (existsSync(path)) return console.log(`${path} is there`);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  // Whole or not at all: a half file would be kept for ever.
  writeFileSync(`${path}.new`, lines.join(''), { mode });
  chownSync(`${path}.new`, user, user);
  renameSync(`${path}.new`, path);
  console.log(`${path} made`);
}
