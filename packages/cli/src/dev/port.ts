import { once } from 'node:events';
import { createServer } from 'node:net';
import { CliRefusal } from '../cli/refusal.ts';

/**
 * Says that a port is taken before anything has been started. Somebody may still take it before the edge does, which then says the same.
 * @throws CliRefusal in words
 */
export async function refuseTakenPort(port: number, host: string | undefined): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (error) {
    throw portRefusal(error, port) ?? error;
  }
  probe.close();
  await once(probe, 'close');
}

/** The error of listening in words, or undefined when it is another error. */
export function portRefusal(error: unknown, port: number): CliRefusal | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'EADDRINUSE')
    return new CliRefusal(
      `port ${port} is taken by another program.\nChoose another one: reveille dev --port ${port < 65_535 ? port + 1 : 0}`,
      undefined,
      { cause: error },
    );
  if (code === 'EACCES')
    return new CliRefusal(
      `port ${port} may not be used by this user (below 1024 only an administrator may).\nChoose another one: --port 8080`,
      undefined,
      { cause: error },
    );
  return undefined;
}
