import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** The containers that the compose file makes, besides those that end by themselves. */
export const parts = [
  ...['edge-1', 'edge-2', 'initializer-1', 'initializer-2', 'relay-1', 'relay-2', 'redis', 'balancer'],
] as const;
/** Services that Reveille starts as containers. */
export const services = ['tool_classes', 'thread_service', 'agent_supervisor', 'agent_websocket_bridge'] as const;

/** What it printed. @throws when it ends with another status than 0 */
export function docker(...args: string[]): string {
  return execFileSync('docker', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

export function compose(...args: string[]): string {
  const all = ['--project-name', 'reveille-test', ...args];
  return execFileSync('docker-compose', all, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}

/** The container of a part, or of a service that runs. */
export function containerOf(what: string): string {
  const isService = (services as readonly string[]).includes(what);
  if (!isService) return compose('ps', '-q', what);
  const names = docker('ps', '--filter', 'label=io.reveille.namespace=reveille', '--format', '{{.Names}}').split('\n');
  const found = names.find((name) => name.startsWith(`reveille-${what}-`));
  if (found === undefined) throw new Error(`no container of ${what} runs: ${names.join(', ')}`);
  return found;
}

/** Removes the containers of services, which the compose file does not know. */
export function removeServices(): void {
  const ids = docker('ps', '-aq', '--filter', 'label=io.reveille.namespace=reveille').split('\n').filter(Boolean);
  if (ids.length > 0) docker('rm', '-f', '-v', ...ids);
}
