/**
 * Makes the secrets of a deployment once: random ones, each into the folder of those who need it. What is there is left as it is; only the
 * file of the users of Redis is written anew each time, with the passwords that were made, since a version may need other rights.
 *
 * Usage: node make-keys.mjs USERS_ACL FOLDER, as root, so that each file can be given to its readers. FOLDER has the folders `edge`,
 * `initializer`, `relay` and `redis`; USERS_ACL is docs/redis/users.acl.
 */
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [usersAcl, folder] = process.argv.slice(2);
const random = () => randomBytes(32).toString('base64url');
/** The user of the images. */
const user = 1000;

const ownSecrets = {
  // Edges of one deployment sign with the same key, and know tokens by the same secret.
  edge: () => ({ REVEILLE_EDGE_SIGNING_KEY: random(), REVEILLE_JWT_SECRET: random() }),
  initializer: () => ({ REVEILLE_ROOT_SECRET: random() }),
  relay: () => ({}),
};
// Read by the user of the image, or by root where the socket of the Engine asks for it; nobody else mounts the folder.
const modes = { edge: 0o400, initializer: 0o444, relay: 0o400 };

const passwords = { admin: random(), operator: random() };
for (const [role, own] of Object.entries(ownSecrets)) {
  const file = join(folder, role, `${role}.env`);
  if (!existsSync(file)) {
    const settings = { ...own(), REDIS_URL: `redis://reveille-${role}:${random()}@redis:6379` };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeWhole(file, lines.join(''), modes[role]);
  }
  passwords[role] = /^REDIS_URL=redis:\/\/[^:]+:([^@]+)@/m.exec(readFileSync(file, 'utf8'))[1];
}
// Who asks whether Redis lives may ask that, and nothing else.
const users = readFileSync(usersAcl, 'utf8').replaceAll(/>CHANGE-ME-(\w+)/g, (_, role) => `>${passwords[role]}`);
writeWhole(join(folder, 'redis', 'users.acl'), `${users}user health on nopass resetchannels -@all +ping\n`, 0o444);

/** Whole or not at all: a half file would be kept for ever. */
function writeWhole(path, text, mode) {
  writeFileSync(`${path}.new`, text, { mode });
  chownSync(`${path}.new`, user, user);
  renameSync(`${path}.new`, path);
  console.log(`${path} made`);
}
