import path from 'node:path';
import { DriverError, type StartRequest } from '@reveille/orchestration';
import { createRender } from '../process/render.ts';
import { readSecrets } from '../secrets.ts';

/** Labels of what this driver makes. They name a run, and hold no secret: whoever may ask the Engine can read them. */
export const labels = {
  namespace: 'io.reveille.namespace',
  run: 'io.reveille.run',
} as const;

/** Where a service listens in its container, which has an address of its own, unless its catalog says where. */
const AUTO_PORT = 8080;
/** The network of containers whose service names none. */
const DEFAULT_NETWORK = 'bridge';

export type ContainerPlan = {
  image: string;
  pull: 'always' | 'missing' | 'never';
  /** Undefined: the service reports its address. */
  port: number | undefined;
  /** It is reached at a port of the Engine's host. */
  isPublished: boolean;
  /** The first is the one of the endpoint. */
  networks: [string, ...string[]];
  env: Record<string, string>;
  /** Texts in it that are secret, whatever their variables are called. */
  secrets: readonly string[];
  /** The body of `POST /containers/create`. */
  body: Record<string, unknown>;
};

/** @throws DriverError `driver_error` for a template without a value or an amount that is none. */
export function planContainer(request: StartRequest, namespace: string, host: NodeJS.ProcessEnv = {}): ContainerPlan {
  const start = request.spec.start.docker;
  if (start === undefined)
    throw new DriverError('driver_error', `the service "${request.service}" is not started as a container`);
  const port = portOf(request);
  const render = createRender(request, port);
  const secrets = readSecrets(request, host);
  const renderEnv = createRender(request, port, secrets);
  const rendered = Object.entries(start.env ?? {}).map(([name, value]) => [name, renderEnv(value)] as const);
  const env = {
    ...Object.fromEntries(rendered),
    ...request.environment,
    ...(port === undefined ? {} : { PORT: port.toString() }),
  };
  const [network = DEFAULT_NETWORK, ...further] = (start.networks ?? []).map(render);
  const image = render(start.image);
  const { cpus, memory } = start.resources ?? {};
  return {
    image,
    pull: start.pull ?? 'missing',
    port,
    isPublished: start.publish !== undefined,
    networks: [network, ...further],
    env,
    secrets: [...secrets.values()],
    body: {
      Image: image,
      ...(start.publish === undefined ? {} : { ExposedPorts: { [`${port}/tcp`]: {} } }),
      ...(start.command === undefined ? {} : { Cmd: start.command.map(render) }),
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Labels: { [labels.namespace]: namespace, [labels.run]: request.name },
      Tty: false,
      HostConfig: {
        NetworkMode: network,
        // The initializer starts again what ended; an Engine that did so too would hide the end from it.
        RestartPolicy: { Name: 'no' },
        Binds: (start.volumes ?? []).map((volume) => bindOf(render(volume), request.catalogDir)),
        ...publishing(start.publish, port),
        ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
        ...(memory === undefined ? {} : { Memory: bytesOf(memory) }),
      },
    },
  };
}

/** Folders of the host may be relative to that of the catalog, as other files are; the Engine takes absolute ones and names of volumes. */
function bindOf(volume: string, catalogDir: string): string {
  const [source = '', ...rest] = volume.split(':');
  const isRelative = source === '.' || source === '..' || /^\.\.?\//.test(source);
  return [isRelative ? path.resolve(catalogDir, source) : source, ...rest].join(':');
}

function publishing(publish: true | number | undefined, port: number | undefined): object {
  if (publish === undefined || port === undefined) return {};
  const HostPort = publish === true ? '' : publish.toString();
  return { PortBindings: { [`${port}/tcp`]: [{ HostPort }] } };
}

/** The port in the container; undefined when the service reports it. */
export function portOf({ spec }: Pick<StartRequest, 'spec'>): number | undefined {
  const { port } = spec.endpoint;
  if (port === 'reported') return undefined;
  return port === 'auto' ? AUTO_PORT : port;
}

const units: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes of an amount as the docker command takes it: `512m`, `2g`, `1.5gb`; undefined for any other text. */
export function bytesIn(text: string): number | undefined {
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([bkmg])?(?:i?b)?$/i.exec(text.trim()) ?? [];
  const factor = units[unit.toLowerCase()];
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor);
}

/** @throws DriverError `driver_error` for what is no amount. */
export function bytesOf(text: string): number {
  const bytes = bytesIn(text);
  if (bytes !== undefined) return bytes;
  throw new DriverError('driver_error', `resources.memory is "${text}"; an amount such as 512m or 2g is expected`);
}
