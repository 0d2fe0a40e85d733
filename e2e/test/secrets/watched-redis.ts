import { launchRedis } from '@reveille/broker/server';
import { Redis } from 'ioredis';

/** A Redis that lets in with this password alone, and all that is said to it; what it keeps to itself of that (AUTH) is not there. */
export async function watchedRedis(user: string, password: string) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await launchRedis());
  const admin = new Redis(server.url);
  stack.defer(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', user, 'on', `>${password}`, '~*', '&*', '+@all');
  // An admin of its own stays; the user that needs no password may do nothing.
  await admin.call('ACL', 'SETUSER', 'watcher', 'on', '>watcher', '~*', '&*', '+@all');
  const watcher = new Redis({ port: server.port, username: 'watcher', password: 'watcher' });
  stack.defer(() => watcher.disconnect());
  await watcher.call('ACL', 'SETUSER', 'default', 'resetpass', '-@all');
  const commands: string[] = [];
  const monitor = await watcher.monitor();
  stack.defer(() => monitor.disconnect());
  monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
  return {
    port: server.port,
    commands,
    /** Every connection of the user is cut: each process finds its way back, with the password, and logs that. */
    cut: () => watcher.call('CLIENT', 'KILL', 'USER', user),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
