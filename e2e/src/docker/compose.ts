import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** The containers that the compose file makes, besides those that end by themselves. */
export const parts = [
  ...['edge-1', 'edge-2', 'initializer-1', 'initializer-2', 'relay-1', 'relay-2', 'redis', 'balancer'],
] as const;
/** Services that Reveille starts as containers. */
export const services = ['tool_classes', 'thread_service', 'agent_supervisor', 'agent_websocket_bridge'] as const;
/** Targets of the Dockerfile. */
export const images = ['edge', 'initializer', 'relay', 'assistant', 'balancer'] as const;

/** `docker compose` of newer Engines, or else `docker-compose` of older ones. */
const composeCommand = ((): [string, ...string[]] => {
  try {
    docker('compose', 'version');
    return ['docker', 'compose'];
  } catch {
    // Told by its own message when it is not there either.
    return ['docker-compose'];
  }
})();

/** What it printed. @throws when it ends with another status than 0, with what it said */
export function docker(...args: string[]): string {
  return run('docker', args);
}

export function compose(...args: string[]): string {
  const [command, ...first] = composeCommand;
  return run(command, [...first, '--project-name', 'reveille-test', ...args]);
}

/**
 * Builds each image from this working tree. `REVEILLE_BUILD_CA`, `REVEILLE_BUILD_NPMRC`: files for the build, which no layer keeps;
 * `REVEILLE_BUILD_NETWORK`: such as `host`.
 */
export function buildImages(): void {
  const { REVEILLE_BUILD_CA: ca, REVEILLE_BUILD_NPMRC: npmrc, REVEILLE_BUILD_NETWORK: network } = process.env;
  const revision = run('git', ['rev-parse', 'HEAD']);
  const options = [
    ...(ca === undefined ? [] : ['--secret', `id=ca,src=${ca}`]),
    ...(npmrc === undefined ? [] : ['--secret', `id=npmrc,src=${npmrc}`]),
    ...(network === undefined ? [] : ['--network', network]),
    ...['--build-arg', `REVISION=${revision}`],
  ];
  for (const image of images) docker('build', '--quiet', ...options, '--target', image, '-t', `reveille/${image}`, '.');
}

/** The container of a part, or of a service that runs; `undefined` while a service has none. */
export function containerOf(what: string): string | undefined {
  const isService = (services as readonly string[]).includes(what);
  if (!isService) return compose('ps', '-q', what);
  const names = docker('ps', '--filter', 'label=io.reveille.namespace=reveille', '--format', '{{.Names}}').split('\n');
  return names.find((name) => name.startsWith(`reveille-${what}-`));
}

/**
 * What is on this Engine under the names that the compose file uses, and is not of an earlier run of this test: a deployment in use, which
 * the test would end and whose conversations it would remove.
 */
export function othersDeployment(): string[] {
  if (compose('ps', '-q') !== '') return [];
  const containers = docker('ps', '-aq', '--filter', 'label=io.reveille.namespace=reveille').split('\n');
  const volumes = docker('volume', 'ls', '-q').split('\n');
  const networks = docker('network', 'ls', '--format', '{{.Name}}').split('\n');
  return [
    ...containers.filter(Boolean).map((id) => `container ${id}`),
    ...volumes.filter((name) => name === 'reveille-threads').map((name) => `volume ${name}`),
    ...networks.filter((name) => name === 'reveille').map((name) => `network ${name}`),
  ];
}

/** Removes the containers of services and the volume of one of them, which the compose file does not know, and then all that it does. */
export function removeAll(): void {
  // First those who would start a removed service again.
  compose('stop');
  const ids = docker('ps', '-aq', '--filter', 'label=io.reveille.namespace=reveille').split('\n').filter(Boolean);
  // While one of them is on the network, the Engine does not remove it.
  if (ids.length > 0) docker('rm', '-f', '-v', ...ids);
  compose('down', '-v', '--remove-orphans');
  const volumes = docker('volume', 'ls', '-q').split('\n');
  if (volumes.includes('reveille-threads')) docker('volume', 'rm', 'reveille-threads');
}

function run(command: string, args: readonly string[]): string {
  // Without BuildKit an old Engine makes every stage, and knows no secrets.
  const env = { ...process.env, ...socketOfEngine(), DOCKER_BUILDKIT: '1' };
  try {
    return execFileSync(command, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`${command} ${args.join(' ')}: ${stderr.trim() || (error as Error).message}`, { cause: error });
  }
}

/** The initializers get the socket of the Engine that runs them, unless another one is named. */
function socketOfEngine(): { DOCKER_SOCKET?: string } {
  const socket = /^unix:\/\/(.+)$/.exec(process.env['DOCKER_HOST'] ?? '')?.[1];
  return socket === undefined ? {} : { DOCKER_SOCKET: process.env['DOCKER_SOCKET'] ?? socket };
}
